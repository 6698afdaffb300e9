// Makes calls with Kibo's own client: reads them as JSON from stdin, answers them all on stdout.
// The client knows nothing of the sandbox but the host it is given, as it would be Kibo's.

const { Configuration } = require('@kibocommerce/rest-sdk');

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function failed(error) {
  const { message, response, apiError } = error;
  return { error: error.name, message, status: response?.status, body: apiError, correlation: response?.correlationId };
}

async function made(client, method, params, until) {
  for (let tries = 0; ; tries += 1) {
    const value = await client[method](params);
    if (!until || value?.[until[0]] === until[1] || tries > 200) return { value: value ?? null };
    await pause(25);
  }
}

async function main() {
  let text = '';
  for await (const piece of process.stdin) text += piece;
  const { configuration, calls } = JSON.parse(text);
  const shared = new Configuration(configuration);
  const answers = {};
  for (const { name, domain, api, method, params, until, as } of calls) {
    const clients = require(`@kibocommerce/rest-sdk/clients/${domain}`);
    const client = new clients[api](as ? new Configuration({ ...configuration, ...as }) : shared);
    answers[name] = await made(client, method, params, until).catch(failed);
  }
  process.stdout.write(JSON.stringify(answers));
}

main();
