// A timer that goes on between calls, if it can; each call says how often it fired.
let count = 0;
setInterval(() => count++, 1);

exports.handler = (event, context, callback) => setTimeout(() => callback(null, count), Number(event));
