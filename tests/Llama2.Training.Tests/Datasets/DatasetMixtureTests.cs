using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

public sealed class DatasetMixtureTests : IDisposable
{
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(0.5, 5)]
    [InlineData(2.3, 23)]
    [InlineData(0.001, 1)]
    public void Mix_Weight_UsesEachSampleThatOften(double weight, int expected)
    {
        TrainingDataset one = Load("one", 10), two = Load("two", 4);

        TrainingDataset mixed = TrainingDataset.Mix([(one, weight), (two, 1)], seed: 7);

        mixed.Samples.Should().HaveCount(expected + 4);
        mixed.Samples.Skip(expected).Should().Equal(two.Samples);
        int[] uses = [.. one.Samples.Select(sample => mixed.Samples.Count(used => ReferenceEquals(used, sample)))];
        uses.Should().OnlyContain(count => count >= Math.Floor(weight) && count <= Math.Ceiling(weight));
        TrainingDataset.Mix([(one, weight), (two, 1)], seed: 7).Samples.Should().Equal(mixed.Samples);
        mixed.Report!.RecordCount.Should().Be(14);
        mixed.Report!.TokenCount.Should().Be(mixed.Samples.Sum(sample => (long)sample.Tokens.Length));
    }

    [Fact]
    public void Mix_OtherWeightsOrFiles_HaveOtherFingerprints()
    {
        TrainingDataset one = Load("one", 10), two = Load("two", 4);

        string[] fingerprints = [.. new[] { (1.0, 1.0), (1.0, 2.0), (2.0, 1.0) }.Select(weights => TrainingDataset.Mix([(one, weights.Item1), (two, weights.Item2)], 7).Report!.Fingerprint)];

        fingerprints.Should().OnlyHaveUniqueItems();
        TrainingDataset.Mix([(one, 1)], 7).Report.Should().BeSameAs(one.Report);
    }

    [Fact]
    public void Mix_PartsThatDoNotFit_AreAnError()
    {
        TrainingDataset samples = Load("one", 2), pairs = Load("pairs", """{"prompt":"a","chosen":"b","rejected":"c"}""");

        FluentActions.Invoking(() => TrainingDataset.Mix([(samples, 1), (pairs, 1)], 1)).Should().Throw<ArgumentException>().WithMessage("*cannot be learned together*");
        FluentActions.Invoking(() => TrainingDataset.Mix([(samples, 0)], 1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => TrainingDataset.Mix([(samples, double.NaN)], 1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => TrainingDataset.Mix([], 1)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Load_PairThatIsTooLongForOneBatch_IsLeftOutAndNamed()
    {
        string line = """{"prompt":"Cat?","chosen":"Meow, meow, meow.","rejected":"Woof, woof, woof."}""", shortLine = """{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof."}""";
        string path = _folder.File("pairs.jsonl");
        File.WriteAllText(path, $"{shortLine}\n{line}\n");
        var options = new DatasetOptions { PromptFormat = PromptFormat.Llama2, MaxLength = 64 };
        TrainingDataset all = TrainingDataset.Load(path, s_tokenizer, options);
        int length = all.Pairs[1].Chosen.Tokens.Length + all.Pairs[1].Rejected.Tokens.Length - 2;

        TrainingDataset fitting = TrainingDataset.Load(path, s_tokenizer, options with { MaxPairLength = length });
        TrainingDataset skipping = TrainingDataset.Load(path, s_tokenizer, options with { MaxPairLength = length - 1 });

        fitting.Pairs.Should().HaveCount(2);
        skipping.Pairs.Should().ContainSingle();
        skipping.Report!.Skipped.Should().ContainSingle().Which.Should().Be(new SkippedRecord(2, $"its two answers have {length} tokens together, with their prompts; at most {length - 1} are allowed for a pair"));
        FluentActions.Invoking(() => TrainingDataset.Load(path, s_tokenizer, options with { MaxPairLength = length - 1, LongSamples = LongSamplePolicy.Fail })).Should().Throw<TrainingDataException>().WithMessage("*line 2: its two answers*");
    }

    public void Dispose() => _folder.Dispose();

    private TrainingDataset Load(string name, int count) =>
        Load(name, string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"prompt":"{{name}} {{i}}","completion":"b"}""")));

    private TrainingDataset Load(string name, string text)
    {
        string path = _folder.File(name + ".jsonl");
        File.WriteAllText(path, text);
        return TrainingDataset.Load(path, s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2 });
    }
}
