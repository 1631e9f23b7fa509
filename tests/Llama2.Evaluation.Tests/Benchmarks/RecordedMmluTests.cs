using System.Text.Json;
using Llama2.Tests;
using Llama2.Tests.Grammar.Schemas;

namespace Llama2.Evaluation.Tests.Benchmarks;

public class RecordedMmluTests
{
    [SharedDataFact("mmlu/test/anatomy_test.csv")]
    public async Task ScoreAsync_RecordedLogLikelihoods_GivesTheHarnessesFiguresOfAllSubjects()
    {
        string path = RepositoryFiles.Golden("evaluation", "mmlu-recorded.json");
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllBytes(path));

        IReadOnlyList<RecordedMmluResult> results = await RecordedMmlu.ScoreAsync(path, DataFolder.Open(SharedDataFactAttribute.PathOf("")));

        results.Should().HaveCount(39).And.HaveCount(expected.RootElement.GetArrayLength());
        foreach ((RecordedMmluResult result, JsonElement subject) in results.Zip(expected.RootElement.EnumerateArray()))
        {
            JsonElement figures = subject.GetProperty("expected");
            result.Subject.Should().Be(subject.GetProperty("subject").GetString());
            result.Accuracy.Should().BeApproximately(figures.GetProperty("acc").GetDouble(), 1e-12, result.Subject);
            result.NormalizedAccuracy.Should().BeApproximately(figures.GetProperty("acc_norm").GetDouble(), 1e-12, result.Subject);
            result.AccuracyStandardError.Should().BeApproximately(figures.GetProperty("acc_stderr").GetDouble(), 1e-12, result.Subject);
            result.NormalizedAccuracyStandardError.Should().BeApproximately(figures.GetProperty("acc_norm_stderr").GetDouble(), 1e-12, result.Subject);
        }
    }

    [Fact]
    public void WriteJson_Results_HaveTheFieldsOfTheRecording()
    {
        using var stream = new MemoryStream();
        RecordedMmlu.WriteJson([new RecordedMmluResult("anatomy", 0.25, 0.5, 0.125, null)], stream);

        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        JsonElement item = document.RootElement[0];
        item.EnumerateObject().Select(member => member.Name).Should().Equal("subject", "acc", "acc_norm", "acc_stderr", "acc_norm_stderr");
        item.GetProperty("acc_stderr").GetDouble().Should().Be(0.125);
        item.GetProperty("acc_norm_stderr").ValueKind.Should().Be(JsonValueKind.Null);
    }
}
