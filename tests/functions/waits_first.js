// Answers before its event loop is empty, and asks that this is waited for.
exports.handler = (event, context, callback) => {
  context.waitsForEmptyEventLoopBeforeCallback = event.toString() === "yes";
  setTimeout(() => console.log("later"), 50);
  callback(null, "answer");
};
