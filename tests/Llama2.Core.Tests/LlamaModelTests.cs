namespace Llama2.Tests;

public class LlamaModelTests
{
    private static readonly GenerationOptions s_greedy = new() { Temperature = 0 };

    [GoldenTheory]
    [InlineData("stories260K-F32.gguf")]
    [InlineData("stories260K-F16.gguf")]
    public async Task GenerateAsync_Stories260KGreedily_TellsTheAuthorsStory(string file)
    {
        using LlamaModel model = LlamaModel.Load(RepositoryFiles.Golden("stories260k", file));
        string expected = await File.ReadAllTextAsync(RepositoryFiles.Golden("stories260k", "greedy-256.txt"));

        GenerationResult result = await model.GenerateTextAsync("", s_greedy with { MaxTokens = 256 });

        result.Text.Should().Be(expected.TrimEnd('\n'));
    }
}
