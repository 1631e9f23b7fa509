using Llama2;

// The argument is any GGUF file of the Llama family; without it, the small demonstration model beside the program tells the story.
string path = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf");
using LlamaModel model = LlamaModel.Load(path);

// The same seed gives the same story.
const string Beginning = "Once upon a time";
GenerationUsage? usage = null;
Console.Write(Beginning);
await foreach (GenerationUpdate update in model.GenerateAsync(Beginning, new GenerationOptions { Temperature = 0.7f, Seed = 1, MaxTokens = 200 }))
{
    Console.Write(update.Text);
    usage = update.Usage;
}

// Llama 2's chat format. At temperature 0 the likeliest answer is given.
foreach (string question in (string[])["What sound does a cow make?", "What is 3 plus 4?"])
{
    GenerationResult answer = await model.GenerateTextAsync($"[INST] {question} [/INST]", new GenerationOptions { Temperature = 0, MaxTokens = 100 });
    Console.Write($"\n\nQuestion: {question}\nAnswer:   {answer.Text.Trim()}");
}

Console.WriteLine($"\n\n{usage!.GeneratedTokenCount} tokens of story at {usage.GeneratedTokensPerSecond:N0} tokens a second");
