using Llama2;

const string Prompt = "Once upon a time";
using LlamaModel model = LlamaModel.Load(args[0]);

Console.Write(Prompt);
await foreach (GenerationUpdate update in model.GenerateAsync(Prompt, new GenerationOptions { Temperature = 0 }))
{
    Console.Write(update.Text);
}
