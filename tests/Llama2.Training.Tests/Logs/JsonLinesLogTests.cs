using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Training.Tests.Logs;

public sealed class JsonLinesLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Log_EachEvent_IsOneObjectOnOneLine()
    {
        string path = _folder.File("log.jsonl");
        using (var log = new JsonLinesLog(path))
        {
            log.Report(new TrainingProgress(1, 9, 1.25, 0.5, 2e-4, 100, TimeSpan.FromSeconds(1.2345), TimeSpan.Zero, null));
            log.Report(new TrainingProgress(2, 9, 1, double.PositiveInfinity, 2e-4, 100, TimeSpan.FromSeconds(2), TimeSpan.Zero, null, ValidationLoss: 3, IsBest: true) { ValidationMetrics = new AnswerMetrics(0.5, 0.25) });
            log.AddGeneration(2, "Wer bist du?", "Ein \"Bär\"\n🐻");
            File.ReadLines(path).Should().HaveCount(5, "the log can be read during training");
        }

        using (new JsonLinesLog(path, step: 2))
        {
        }

        string[] lines = File.ReadAllLines(path);
        lines[0].Should().MatchRegex("""^\{"event":"start","step":0,"time":"\d{4}-.*"\}$""");
        lines[1].Should().Be("""{"event":"step","step":1,"step_count":9,"loss":1.25,"gradient_norm":0.5,"learning_rate":0.0002,"tokens_per_second":100,"elapsed_seconds":1.234}""");
        lines[2].Should().Contain("\"gradient_norm\":null,");
        lines[3].Should().Be("""{"event":"evaluation","step":2,"loss":3,"token_accuracy":0.5,"exact_match":0.25,"is_best":true}""");
        JsonElement generation = JsonElement.Parse(lines[4]);
        (generation.GetProperty("event").GetString(), generation.GetProperty("step").GetInt32()).Should().Be(("generation", 2));
        (generation.GetProperty("prompt").GetString(), generation.GetProperty("text").GetString()).Should().Be(("Wer bist du?", "Ein \"Bär\"\n🐻"));
        lines[5].Should().StartWith("""{"event":"start","step":2,""");
    }
}
