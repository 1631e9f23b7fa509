using Llama2.Tests;

namespace Llama2.Training.Tests.Logs;

/// <summary>The event file has the bytes that Google's protobuf library writes; see tests/Reference/events.py.</summary>
public sealed class TensorBoardLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Log_StepsEvaluationAndGeneration_HasTheBytesOfTheReference()
    {
        string[] expected = File.ReadAllLines(RepositoryFiles.Committed("tests", "data", "logs", "events.hex"));
        TensorBoardLog log = new(_folder.File("run"), step: 7, new StandingClock());
        using (log)
        {
            log.Report(Progress(8, 1.5, 0.25, 2e-4));
            log.Report(Progress(300, 0.1, double.PositiveInfinity, 0) with { ValidationLoss = 2.75 });
            log.AddGeneration(300, "Who are you?", "Ahoy, “matey”!\n" + new string('x', 300));

            using FileStream whileOpen = new(log.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            whileOpen.Length.Should().Be(expected.Sum(line => line.Length / 2), "TensorBoard reads the file during training");
        }

        Convert.ToHexStringLower(File.ReadAllBytes(log.Path)).Should().Be(string.Concat(expected));
        Path.GetFileName(log.Path).Should().Be("events.out.tfevents.1700000000.llama2");
    }

    [Fact]
    public void Log_SecondOfTheSameSecond_IsAnotherFileThatIsReadLater()
    {
        using TensorBoardLog first = new(_folder.Path, 0, new StandingClock()), second = new(_folder.Path, 0, new StandingClock());

        Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal).Should().Equal(first.Path, second.Path);
    }

    private static TrainingProgress Progress(int step, double loss, double norm, double rate) =>
        new(step, 400, loss, norm, rate, 1234.5, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(60), null);

    private sealed class StandingClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.25);
    }
}
