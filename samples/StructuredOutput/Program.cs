using Llama2;
using Llama2.Extensions;
using Microsoft.Extensions.AI;

// The argument is any GGUF file of the Llama family; without it, the small demonstration model beside the program answers.
using LlamaModel model = LlamaModel.Load(args is [var path] ? path : Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));
using IChatClient client = new LlamaChatClient(model);
string[] texts =
[
    "Once upon a time, there was a shy fox named Ivy. Ivy lived near the school. One day she found a silver drum.",
    "One day, a brave turtle named Hugo woke up early. Hugo lived near the lake. He had a green kite.",
    "Once there was a silly bear called Nora. Nora lived near the market. Nora loved her yellow hat.",
];

// The answer always fits the type: tokens that its JSON Schema does not allow are never chosen.
foreach (string text in texts)
{
    ChatResponse<Hero> response = await client.GetResponseAsync<Hero>(text, new ChatOptions { Temperature = 0 });
    Hero hero = response.Result;
    Console.WriteLine($"{text}\n  {response.Text}\n  {hero.Name}, the {hero.Animal}, lives near the {hero.Place}.\n");
}

internal sealed record Hero(string Name, string Animal, string Place);
