// OpenAI's client for JavaScript with nothing changed but the address, which is in OPENAI_BASE_URL. LLAMA2_ENDLESS_URL is the address of a server whose
// answers never end.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { check } from './check.mjs';

const client = new OpenAI({ maxRetries: 0 });
const model = 'storyteller-1m-Q8_0';
const messages = [{ role: 'user', content: 'What sound does a cow make?' }];
const parameters = { type: 'object', properties: { city: { enum: ['Oslo', 'Rome'] } }, required: ['city'], additionalProperties: false };
const tools = [{ type: 'function', function: { name: 'get_temperature', description: 'The temperature in a city', parameters } }];

await check('models', async () => {
  const names = [];
  for await (const entry of client.models.list()) names.push(entry.id);
  assert.deepEqual(names, [model]);
  assert.equal((await client.models.retrieve(model)).id, model);
});

await check('chat', async () => {
  const answer = await client.chat.completions.create({ model, messages, temperature: 0 });
  assert.equal(answer.choices[0].message.content, 'The cow says moo. ');
  assert.equal(answer.choices[0].finish_reason, 'stop');
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
});

await check('stream', async () => {
  const stream = client.chat.completions.stream({ model, messages, temperature: 0, stream_options: { include_usage: true } });
  let text = '';
  stream.on('content', (delta) => (text += delta));
  const answer = await stream.finalChatCompletion();
  assert.equal(text, 'The cow says moo. ');
  assert.equal(answer.choices[0].message.content, text);
  assert.ok(answer.usage.completion_tokens > 0);
});

await check('tools', async () => {
  const asking = await client.chat.completions.create({ model, messages, tools, tool_choice: 'required', parallel_tool_calls: false, max_tokens: 100 });
  assert.equal(asking.choices[0].finish_reason, 'tool_calls');
  const [call] = asking.choices[0].message.tool_calls;
  assert.ok(['Oslo', 'Rome'].includes(JSON.parse(call.function.arguments).city));
  const history = [...messages, asking.choices[0].message, { role: 'tool', tool_call_id: call.id, content: '4 degrees' }];
  const answer = await client.chat.completions.create({ model, messages: history, tools, tool_choice: 'none', max_tokens: 20 });
  assert.equal(answer.choices[0].message.role, 'assistant');
});

await check('streamed tools', async () => {
  const stream = client.chat.completions.stream({ model, messages, tools, tool_choice: 'required', parallel_tool_calls: false, max_tokens: 100 });
  const call = await stream.finalFunctionToolCall();
  assert.equal(call.name, 'get_temperature');
  assert.ok(['Oslo', 'Rome'].includes(JSON.parse(call.arguments).city));
});

await check('schema', async () => {
  const format = { type: 'json_schema', json_schema: { name: 'place', strict: true, schema: parameters } };
  const answer = await client.chat.completions.parse({ model, messages, response_format: format });
  assert.ok(['Oslo', 'Rome'].includes(answer.choices[0].message.parsed.city));
});

await check('responses', async () => {
  const input = messages[0].content;
  const answer = await client.responses.create({ model, input, temperature: 0 });
  assert.deepEqual([answer.output_text, answer.status], ['The cow says moo. ', 'completed']);
  const next = await client.responses.create({ model, input: 'And a bear?', previous_response_id: answer.id, max_output_tokens: 20 });
  assert.equal(next.previous_response_id, answer.id);
  assert.equal((await client.responses.retrieve(answer.id)).output_text, answer.output_text);
  await client.responses.delete(answer.id);
  await assert.rejects(client.responses.retrieve(answer.id), OpenAI.NotFoundError);
});

await check('streamed responses', async () => {
  const stream = client.responses.stream({ model, input: messages[0].content, temperature: 0, store: false });
  let text = '';
  stream.on('response.output_text.delta', (event) => (text += event.delta));
  const answer = await stream.finalResponse();
  assert.equal(text, 'The cow says moo. ');
  assert.equal(answer.output_text, text);
});

await check('tools of responses', async () => {
  const [{ function: { name, parameters: schema } }] = tools;
  const flat = [{ type: 'function', name, parameters: schema, strict: true }];
  const input = messages[0].content;
  const asking = await client.responses.create({ model, input, tools: flat, tool_choice: 'required', parallel_tool_calls: false, max_output_tokens: 100 });
  const [call] = asking.output;
  assert.deepEqual([call.type, call.name], ['function_call', name]);
  assert.ok(['Oslo', 'Rome'].includes(JSON.parse(call.arguments).city));
  const result = [{ type: 'function_call_output', call_id: call.call_id, output: '4 degrees' }];
  const answer = await client.responses.create({ model, input: result, previous_response_id: asking.id, max_output_tokens: 20 });
  assert.ok(['completed', 'incomplete'].includes(answer.status));
});

await check('completions', async () => {
  const answer = await client.completions.create({ model, prompt: 'Once upon a time', max_tokens: 5, temperature: 0 });
  assert.ok(answer.choices[0].text.length > 0);
});

// The client asks for Base64 by itself, which takes less time to read.
await check('embeddings', async () => {
  const input = ['A cow', 'A bear'];
  const { data } = await client.embeddings.create({ model, input });
  const numbers = await client.embeddings.create({ model, input, encoding_format: 'float' });
  assert.equal(data.length, 2);
  assert.deepEqual(data.map((entry) => [...entry.embedding]), numbers.data.map((entry) => entry.embedding.map(Math.fround)));
});

await check('errors', async () => {
  await assert.rejects(client.chat.completions.create({ model: 'gpt-4o', messages }), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.deepEqual([error.status, error.code, error.param], [404, 'model_not_found', 'model']);
    return true;
  });
  await assert.rejects(client.chat.completions.create({ model, messages, temperature: 3 }), OpenAI.BadRequestError);
});

await check('cancellation', async () => {
  const endless = new OpenAI({ baseURL: `${process.env.LLAMA2_ENDLESS_URL}/v1`, maxRetries: 0 });
  const stream = await endless.chat.completions.create({ model: 'script', messages, stream: true });
  let count = 0;
  for await (const chunk of stream) {
    count += chunk.choices.length;
    if (count >= 3) break;
  }

  assert.ok(stream.controller.signal.aborted);
});
