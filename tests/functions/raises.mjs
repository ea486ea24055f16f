// Fails two calls deep, after it has printed and waited.
async function inner(values) {
  await null;
  return values.nope.length;
}

export const handler = async (event, context) => {
  console.log("starting");
  return await inner({});
};
