import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic();
const stream = client.messages.stream({
  model: 'storyteller-1m-Q8_0',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'What sound does a cow make?' }],
});
stream.on('text', (text) => process.stdout.write(text));
await stream.finalMessage();
