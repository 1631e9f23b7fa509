using Llama2;
using Llama2.Evaluation;

using LlamaModel model = LlamaModel.Load(args[0]);
string text = await File.ReadAllTextAsync(args[1]);
WindowedPerplexity windowed = await Perplexity.ComputeWindowedAsync(model, text, windowLength: 64);
RollingPerplexity rolling = await Perplexity.ComputeRollingAsync(model, text);
Console.WriteLine($"{windowed.Perplexity:F2} by llama.cpp's definition, {rolling.WordPerplexity:F2} a word");
