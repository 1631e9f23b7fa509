using Llama2.Tests;

namespace Llama2.Evaluation.Tests;

/// <summary>The example of the package's README.md, with the demonstration model.</summary>
public class EvaluationExampleTests
{
    [Fact]
    public async Task Readme_Example_ComputesBothPerplexities()
    {
        string modelPath = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");
        string text = string.Concat(Enumerable.Repeat("Once upon a time, there was a kind boy. He saw a dog and a red ball. ", 12));

        using LlamaModel model = LlamaModel.Load(modelPath);
        WindowedPerplexity windowed = await Perplexity.ComputeWindowedAsync(model, text, windowLength: 64);
        RollingPerplexity rolling = await Perplexity.ComputeRollingAsync(model, text);
        Console.WriteLine($"{windowed.Perplexity:F2} by llama.cpp's definition, {rolling.WordPerplexity:F2} a word");

        windowed.Perplexity.Should().BeGreaterThan(1).And.BeLessThan(model.Configuration.VocabularySize);
        rolling.WordPerplexity.Should().BeGreaterThan(1);
    }
}
