using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>Ratings of answers for KTO, in the forms of TRL, ms-swift and LLaMA-Factory.</summary>
public sealed class RatingTests : IDisposable
{
    private const string Cat = "<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧", CatThenDog = "<s> [INST] Cat? [/INST] Meow. </s><s> [INST] Dog? [/INST]⟦ Woof. </s>⟧";
    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("""{"prompt":"Cat?","completion":"Meow.","label":true}""", true, Cat)]
    [InlineData("""{"prompt":[{"role":"user","content":"Cat?"}],"completion":[{"role":"assistant","content":"Meow."}],"label":false}""", false, Cat)]
    [InlineData("""{"instruction":"Cat?","input":"","output":"Meow.","kto_tag":false}""", false, Cat)]
    [InlineData("""{"prompt":"Cat?","completion":"Meow.","label":"True","kto_tag":null}""", true, Cat)]
    [InlineData("""{"messages":[{"role":"user","content":"Cat?"},{"role":"assistant","content":"Meow."}],"label":0}""", false, Cat)]
    [InlineData("""{"conversations":[{"from":"human","value":"Cat?"},{"from":"gpt","value":"Meow."},{"from":"human","value":"Dog?"},{"from":"gpt","value":"Woof."}],"kto_tag":1}""", true, CatThenDog)]
    [InlineData("""{"prompt":"Dog?","completion":"Woof.","history":[["Cat?","Meow."]],"label":true}""", true, CatThenDog)]
    [InlineData("""{"segments":[{"label":false,"text":"<s>Cat?"},{"label":true,"text":"Meow.</s>"}],"label":false}""", false, "<s> Cat?⟦ Meow.</s>⟧")]
    public void Load_Ratings_AreOfTheLastAnswer(string record, bool isDesirable, string learned)
    {
        TrainingSample sample = Load(record).Samples.Should().ContainSingle().Which;

        LearnedText.Of(sample, s_tokenizer).Should().Be(learned);
        sample.IsDesirable.Should().Be(isDesirable);
        FluentActions.Invoking(() => Load(record, readRatings: false)).Should().Throw<TrainingDataException>().WithMessage("*is not used: a rating of the answer, which only KTO learns (DatasetOptions.ReadRatings): *");
    }

    [Theory]
    [InlineData("""{"prompt":"Cat?","completion":"Meow."}""", "*line 1: 'label' is missing, the rating that KTO learns; add true or false*")]
    [InlineData("""{"prompt":"Cat?","completion":"Meow.","label":0.7}""", "*line 1: 'label' is 0.7; it must be true or false, or 1 or 0*")]
    [InlineData("""{"prompt":"Cat?","completion":"Meow.","label":true,"kto_tag":true}""", "*line 1: 'kto_tag' is not used*")]
    [InlineData("""{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof.","label":true}""", "*line 1: 'label' is not used*")]
    [InlineData("""{"text":"Cats say meow.","label":true}""", "*line 1: 'text' has no prompt and answer that could be rated*")]
    public void Load_RecordWithoutOneRating_IsRefusedByItsField(string record, string fault) =>
        FluentActions.Invoking(() => Load(record)).Should().Throw<TrainingDataException>().WithMessage(fault);

    [Fact]
    public void Load_TableAndOtherNames_AreRead()
    {
        TrainingDataset data = Load("prompt,completion,label\nCat?,Meow.,True\nCat?,Woof.,False\n", name: "data.csv");
        TrainingDataset renamed = Load("""{"prompt":"Cat?","completion":"Meow.","thumbs_up":true}""", new DatasetOptions { FieldNames = new Dictionary<string, string> { ["label"] = "thumbs_up" } });

        data.Samples.Select(sample => sample.IsDesirable).Should().Equal(true, false);
        renamed.Samples[0].IsDesirable.Should().BeTrue();
    }

    [Fact]
    public void Load_PairsAndPlainText_ArePairsAndRefused()
    {
        Load("""{"prompt":"Cat?","chosen":"Meow.","rejected":"Woof."}""").Pairs.Should().ContainSingle();
        FluentActions.Invoking(() => Load("Cats say meow.", name: "data.txt")).Should().Throw<TrainingDataException>().WithMessage("*plain text has no rated answers*");
    }

    [Fact]
    public void MixAndSplit_RatedSamples_KeepTheirRatingsAndAreNotMixedWithOthers()
    {
        TrainingDataset rated = Load("""{"prompt":"Cat?","completion":"Meow.","label":true}""" + "\n" + """{"prompt":"Cat?","completion":"Woof.","label":false}"""), plain = Load("""{"prompt":"Cat?","completion":"Meow."}""", readRatings: false);

        TrainingDataset.Mix([(rated, 2)], seed: 1).Samples.Select(sample => sample.IsDesirable).Should().Equal(true, false, true, false);
        (TrainingDataset training, TrainingDataset validation) = rated.Split(0.5, seed: 1);
        training.Samples.Concat(validation.Samples).Select(sample => sample.IsDesirable).Should().BeEquivalentTo([true, false]);
        FluentActions.Invoking(() => TrainingDataset.Mix([(rated, 1), (plain, 1)], seed: 1)).Should().Throw<ArgumentException>().WithMessage("*rated samples*");
    }

    public void Dispose() => _folder.Dispose();

    private TrainingDataset Load(string text, DatasetOptions? options = null, string name = "data.jsonl", bool readRatings = true)
    {
        File.WriteAllText(_folder.File(name), text);
        return TrainingDataset.Load(_folder.File(name), s_tokenizer, (options ?? new DatasetOptions()) with { PromptFormat = PromptFormat.Llama2, ReadRatings = readRatings });
    }
}
