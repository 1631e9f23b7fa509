// Anthropic's client for JavaScript with nothing changed but the address, which is in ANTHROPIC_BASE_URL. LLAMA2_ENDLESS_URL is the address of a server whose
// answers never end.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { check } from './check.mjs';

const client = new Anthropic({ maxRetries: 0 });
const model = 'storyteller-1m-Q8_0';
const messages = [{ role: 'user', content: 'What sound does a cow make?' }];
const schema = { type: 'object', properties: { city: { enum: ['Oslo', 'Rome'] } }, required: ['city'], additionalProperties: false };
const tools = [{ name: 'get_temperature', description: 'The temperature in a city', input_schema: schema }];

await check('models', async () => {
  const names = [];
  for await (const entry of client.models.list()) names.push(entry.id);
  assert.deepEqual(names, [model]);
  assert.equal((await client.models.retrieve(model)).display_name, model);
});

await check('chat', async () => {
  const { data: answer, response, request_id } = await client.messages.create({ model, max_tokens: 50, messages }).withResponse();
  assert.deepEqual(answer.content, [{ type: 'text', text: 'The cow says moo. ' }]);
  assert.deepEqual([answer.role, answer.stop_reason, answer.stop_sequence], ['assistant', 'end_turn', null]);
  assert.ok(answer.usage.input_tokens + answer.usage.cache_read_input_tokens > 0 && answer.usage.output_tokens > 0);
  assert.match(request_id, /^req_/);
  assert.equal(response.headers.get('request-id'), request_id);
});

await check('stream', async () => {
  const stream = client.messages.stream({ model, max_tokens: 50, messages, stop_sequences: ['moo'] });
  let text = '';
  stream.on('text', (delta) => (text += delta));
  const answer = await stream.finalMessage();
  assert.equal(text, 'The cow says ');
  assert.deepEqual([answer.content[0].text, answer.stop_reason, answer.stop_sequence], [text, 'stop_sequence', 'moo']);
  assert.ok(answer.usage.output_tokens > 0);
});

await check('tools', async () => {
  const asking = await client.messages.create({ model, max_tokens: 100, messages, tools, tool_choice: { type: 'any', disable_parallel_tool_use: true } });
  assert.equal(asking.stop_reason, 'tool_use');
  const [call] = asking.content;
  assert.ok(['Oslo', 'Rome'].includes(call.input.city));
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: '4 degrees' }] };
  const history = [...messages, { role: 'assistant', content: asking.content }, result];
  const answer = await client.messages.create({ model, max_tokens: 20, messages: history, tools, tool_choice: { type: 'none' } });
  assert.equal(answer.role, 'assistant');
});

await check('streamed tools', async () => {
  const stream = client.messages.stream({ model, max_tokens: 100, messages, tools, tool_choice: { type: 'tool', name: 'get_temperature', disable_parallel_tool_use: true } });
  const answer = await stream.finalMessage();
  assert.equal(answer.stop_reason, 'tool_use');
  assert.ok(['Oslo', 'Rome'].includes(answer.content[0].input.city));
});

await check('schema', async () => {
  const answer = await client.messages.create({ model, max_tokens: 100, messages, output_config: { format: { type: 'json_schema', schema } } });
  assert.ok(['Oslo', 'Rome'].includes(JSON.parse(answer.content[0].text).city));
});

await check('count_tokens', async () => {
  const { input_tokens } = await client.messages.countTokens({ model, messages });
  const { usage } = await client.messages.create({ model, max_tokens: 1, messages });
  assert.equal(input_tokens, usage.input_tokens + usage.cache_read_input_tokens);
});

await check('errors', async () => {
  await assert.rejects(client.messages.create({ model: 'claude', max_tokens: 1, messages }), (error) => {
    assert.ok(error instanceof Anthropic.NotFoundError);
    assert.deepEqual([error.status, error.type], [404, 'not_found_error']);
    assert.equal(error.error.request_id, error.requestID);
    return true;
  });
  await assert.rejects(client.messages.create({ model, max_tokens: 1, messages, temperature: 2 }), Anthropic.BadRequestError);
});

await check('cancellation', async () => {
  const endless = new Anthropic({ baseURL: process.env.LLAMA2_ENDLESS_URL, maxRetries: 0 });
  const stream = await endless.messages.create({ model: 'script', max_tokens: 1000, messages, stream: true });
  let count = 0;
  for await (const event of stream) {
    count += event.type === 'content_block_delta' ? 1 : 0;
    if (count >= 3) break;
  }

  assert.ok(stream.controller.signal.aborted);
});
