// Counts its calls; counting began with what an initializer left.
let count = 0;

export const initialize = async (context) => {
  count = 100;
  console.log(`initialized ${context.function.name}`);
};

export const handler = async (event, context) => ++count;
