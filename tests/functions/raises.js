// Fails two calls deep, after it has printed.
function inner(values) {
  return values.nope.length;
}

exports.handler = (event, context, callback) => {
  console.log("starting");
  return inner({});
};
