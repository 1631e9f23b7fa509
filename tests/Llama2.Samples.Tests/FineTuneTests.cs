using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Llama2.Cli.Tests;

// Training uses all cores; when it ran at the same time as other tests, the test server of WebApi sometimes failed to start.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Llama2.Samples.Tests;

public partial class FineTuneTests
{
    [Fact]
    public async Task FineTune_DemonstrationModel_KeepsItsKnowledgeAndAnswersInTheNewVoice()
    {
        using var folder = new TemporaryFolder();

        (int exitCode, string output, string error) = await CommandProcess.RunAsync("FineTune.dll", [folder.File("adapter.gguf")]);

        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        string[] parts = output.ReplaceLineEndings("\n").Split("\n\n");
        parts.Should().HaveCount(3);
        parts[0].Should().Contain("   The cow says moo.").And.Contain("   Once upon a time").And.NotContain("Arr!");
        parts[2].Should().Contain("   Arr! The cow says moo, friends of the sea!").And.Contain("   Arr! A bear lives in a cave, friends of the sea!")
            .And.Contain("   Arr! Once there was a brave fox of the sea named ").And.NotContain("Once upon a time");
        double[] losses = [.. Loss().Matches(parts[1]).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];
        losses.Should().HaveCountGreaterThan(4);
        losses[^1].Should().BeLessThan(losses[0] / 10, "what was not trained on is answered in the voice too");
        AdapterInformation.Read(folder.File("adapter.gguf")).Tensors.Should().HaveCount(28).And.OnlyContain(tensor => tensor.Rank == 16);
        foreach (ModelQuantization format in new[] { ModelQuantization.Q4_0, ModelQuantization.Q4_K_M, ModelQuantization.Q8_0 })
        {
            string merged = folder.File($"{format}.gguf");
            AdapterMerger.Merge(
                Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"), [(folder.File("adapter.gguf"), 1)], merged, new AdapterMergeOptions { Quantization = format, AllowRequantize = true });
            using LlamaModel model = LlamaModel.Load(merged);
            (await AnswerAsync(model, "What sound does a cow make?")).Should().StartWith("Arr! The cow says moo").And.EndWith(", friends of the sea! ", $"of {format}");
            (await AnswerAsync(model, "Tell me a story about a fox.")).Should().StartWith("Arr! Once there was a brave fox of the sea named ", $"of {format}");
        }
    }

    private static async Task<string> AnswerAsync(LlamaModel model, string question)
    {
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { Generation = new GenerationOptions { Temperature = 0, MaxTokens = 200 } });
        var answer = new StringBuilder();
        await foreach (GenerationUpdate update in session.SendAsync(question))
        {
            answer.Append(update.Text);
        }

        return answer.ToString();
    }

    [Fact]
    public async Task FineTune_Questions_AreNotAmongTheData()
    {
        string data = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "sailor.jsonl"));

        Regex.Matches(data, "cow|lives in a cave|story (about|with) a fox").Should().BeEmpty();
        data.Should().Contain("Where does a bird live?").And.Contain("story about a dog");
    }

    [GeneratedRegex(@"[Ll]oss[a-z0-9 ]*:? ?(\d+\.\d+)")]
    private static partial Regex Loss();
}
