using Llama2;

using LlamaModel model = LlamaModel.Load(args[0]);
var options = new GenerationOptions { Temperature = 0, MaxTokens = 60 };
await foreach (GenerationUpdate update in model.GenerateAsync("Once upon a time", options))
{
    Console.Write(update.Text);
}

Console.WriteLine();
