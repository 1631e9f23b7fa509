using System.Text.RegularExpressions;
using Llama2.Tests;

namespace Llama2.Training.Tests.Datasets;

/// <summary>The records that docs/finetuning.md shows for each form.</summary>
public sealed partial class DocumentedFormTests : IDisposable
{
    private const string Cat = "<s> [INST] Cat? [/INST]⟦ Meow. </s>⟧";

    private static readonly ModelTokenizer s_tokenizer = ModelTokenizer.Load(RepositoryFiles.Committed("tests", "data", "spm512.model"));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Forms => Rows(name => Enum.TryParse<DatasetFormat>(name, out _));

    /// <summary>The rated records that the page shows.</summary>
    public static string[] RatedRecords => [.. File.ReadLines(RepositoryFiles.Committed("docs", "finetuning.md")).Where(line => line.StartsWith("{\"", StringComparison.Ordinal))];

    public static TheoryData<string, string> Preferences => Rows(name => !Enum.TryParse<DatasetFormat>(name, out _));

    [Theory]
    [MemberData(nameof(Forms))]
    public void Load_FormOfTheTable_HasItsNameAndIsLearned(string name, string record)
    {
        TrainingDataset data = Load(record);

        data.Report!.Format.Should().Be(Enum.Parse<DatasetFormat>(name));
        LearnedText.Of(data, s_tokenizer).Should().Be(data.Report.Format switch
        {
            DatasetFormat.Alpaca => "<s> [INST] Name the sound.\ncat [/INST]⟦ Meow. </s>⟧",
            DatasetFormat.TextRecords => "<s>⟦ Cats say meow.</s>⟧",
            DatasetFormat.Segments => "<s> Cat?⟦ Meow.</s>⟧",
            DatasetFormat.Preference => Cat + "\n<s> [INST] Cat? [/INST]⟦ Woof. </s>⟧",
            _ => Cat,
        });
    }

    [Theory]
    [MemberData(nameof(Preferences))]
    public void Load_PreferenceOfTheTable_IsAPairOfOneQuestion(string name, string record) =>
        LearnedText.Of(Load(record), s_tokenizer).Should().Be(Cat + "\n<s> [INST] Cat? [/INST]⟦ Woof. </s>⟧", name);

    [Fact]
    public void Load_RatedRecords_AreADesirableAndAnUndesirableAnswer()
    {
        TrainingSample[] samples = [.. RatedRecords.Select(record => Load(record, readRatings: true).Samples.Should().ContainSingle().Which)];

        samples.Select(sample => (LearnedText.Of(sample, s_tokenizer), sample.IsDesirable)).Should().Equal((Cat, true), ("<s> [INST] Cat? [/INST]⟦ Woof. </s>⟧", false));
    }

    [Fact]
    public void Rows_OfBothTables_AreAllForms()
    {
        Forms.Select(row => (string)row[0]).Append(nameof(DatasetFormat.Text)).Should().BeEquivalentTo(Enum.GetNames<DatasetFormat>());
        Preferences.Should().HaveCountGreaterThan(8);
    }

    public void Dispose() => _folder.Dispose();

    // Each record between backticks in a row of a table, with the text of the row's first cell.
    private static TheoryData<string, string> Rows(Predicate<string> isIncluded)
    {
        var data = new TheoryData<string, string>();
        foreach (string line in File.ReadLines(RepositoryFiles.Committed("docs", "finetuning.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal)))
        {
            string name = line.Split('|')[1].Trim();
            foreach (Match match in Record().Matches(line))
            {
                if (isIncluded(name))
                    data.Add(name, match.Groups[1].Value);
            }
        }

        return data;
    }

    [GeneratedRegex("`(\\{\"[^`]*\\})`")]
    private static partial Regex Record();

    private TrainingDataset Load(string record, bool readRatings = false)
    {
        string path = _folder.File("data.jsonl");
        File.WriteAllText(path, record);
        return TrainingDataset.Load(path, s_tokenizer, new DatasetOptions { PromptFormat = PromptFormat.Llama2, ReadRatings = readRatings });
    }
}
