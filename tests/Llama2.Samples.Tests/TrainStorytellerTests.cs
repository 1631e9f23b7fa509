using System.Globalization;
using Llama2.Cli.Tests;
using TrainStoryteller;
using TrainStoryteller.Corpus;
using TrainStoryteller.Examination;

namespace Llama2.Samples.Tests;

public class TrainStorytellerTests
{
    private const string Story =
        "Once upon a time, there was a shy fox named Ivy. Ivy lived near the school. One morning the wind was blowing and Ivy went to the school. "
        + "She lost her silver drum and felt sad. Sam, a kind boy, saw that Ivy was crying. \"Do not cry,\" said Sam. \"I will help you.\" "
        + "They looked under a tree and behind a rock. At last Sam found the drum in the grass. Ivy was so happy that she hugged Sam. The end.";

    [Fact]
    public async Task TrainStoryteller_SameSeed_WritesTheSameFilesWithAnyThreadCount()
    {
        using var folder = new TemporaryFolder();

        string first = await TrainAsync(folder.File("one"), "--threads", "1");
        string second = await TrainAsync(folder.File("two"), "--threads", "2");

        first.Should().Contain("869,504 parameters, 12,902 tokens to learn from.").And.Contain("step      6 of 6").And.Contain("step      1 of 1").And.Contain("of 16 answers are right.");
        foreach (string name in (string[])["tokenizer.model", "storyteller-1m-F16.gguf", "storyteller-1m-Q8_0.gguf"])
            (await File.ReadAllBytesAsync(Path.Combine(folder.File("two"), name))).Should().Equal(await File.ReadAllBytesAsync(Path.Combine(folder.File("one"), name)), name);
        Directory.GetFiles(folder.File("one")).Should().HaveCount(4, "three files and the checkpoint");

        string again = await TrainAsync(folder.File("two"), "--threads", "1");
        again.Should().Contain("Resumed at step 6.");
        (await File.ReadAllBytesAsync(folder.File("two/storyteller-1m-F16.gguf"))).Should().Equal(await File.ReadAllBytesAsync(folder.File("one/storyteller-1m-F16.gguf")));
    }

    [Fact]
    public async Task TrainStoryteller_Model_SaysOfItselfWhatTheShippedOneSays()
    {
        using var folder = new TemporaryFolder();
        await TrainAsync(folder.File("model"));

        var made = ModelFileInformation.Read(Path.Combine(folder.File("model"), "storyteller-1m-Q8_0.gguf"));
        var shipped = ModelFileInformation.Read(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"));

        made.Metadata.Keys.Should().Equal(shipped.Metadata.Keys);
        made.Metadata.Where(pair => pair.Value is not Array).Should().Equal(shipped.Metadata.Where(pair => pair.Value is not Array));
        made.Tensors.Should().BeEquivalentTo(shipped.Tensors, options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task TrainStoryteller_OtherSeed_IsToldThatTheCheckpointIsAnothers()
    {
        using var folder = new TemporaryFolder();
        await TrainAsync(folder.File("model"));

        (int exitCode, _, string error) = await CommandProcess.RunAsync("TrainStoryteller.dll", [folder.File("model"), "--steps", "6", "--documents", "1500", "--seed", "2"]);

        exitCode.Should().Be(1);
        error.Should().Contain("checkpoint").And.Contain("other options").And.NotContain("   at ");
    }

    [Theory]
    [InlineData("--steps", "0")]
    [InlineData("--steps")]
    [InlineData("--epochs", "1")]
    [InlineData("examine")]
    [InlineData("one", "two")]
    public async Task TrainStoryteller_ArgumentsThatItDoesNotKnow_AreRefusedWithItsUsage(params string[] arguments)
    {
        (int exitCode, _, string error) = await CommandProcess.RunAsync("TrainStoryteller.dll", arguments);

        exitCode.Should().Be(2);
        error.Should().Contain("usage: TrainStoryteller");
    }

    [Fact]
    public async Task Examiner_ShippedModel_AnswersQuestionsOfEveryKindNearlyAllRight()
    {
        var output = new StringWriter(CultureInfo.InvariantCulture);

        await new Examiner(Path.Combine(AppContext.BaseDirectory, "storyteller-1m-Q8_0.gguf"), new Settings { QuestionCount = 156 }).ReportAsync(output, CancellationToken.None);

        string[] lines = output.ToString().TrimEnd().Split('\n');
        int right = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        right.Should().BeGreaterThanOrEqualTo(150, "of 156: {0}", output);
        lines[1..].Select(line => line.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)[0]).Distinct().Should().BeEquivalentTo(Enum.GetNames<QuestionKind>());
    }

    [Fact]
    public void DocumentWriter_Seed_GivesTheSameDocumentsInLlamasFormat()
    {
        DocumentWriter first = new(3), second = new(3), other = new(4);
        List<IReadOnlyList<string>> documents = [.. Enumerable.Range(0, 300).Select(_ => first.Write())];

        documents.SelectMany(document => document).Should().Equal(Enumerable.Range(0, 300).SelectMany(_ => second.Write()));
        documents.SelectMany(document => document).Should().NotEqual(Enumerable.Range(0, 300).SelectMany(_ => other.Write()));
        documents.Where(document => document.Count > 1).Should().NotBeEmpty().And.OnlyContain(document => document.All(part => part.StartsWith("[INST] ") && part.EndsWith(' ')));
        documents.SelectMany(document => document).Should().Contain(part => part.StartsWith("[INST] <<SYS>>\nYou are a friendly story teller.\n<</SYS>>\n\n"));
    }

    [Fact]
    public void StoryCheck_StoriesOfTheCorpus_AreStories()
    {
        var stories = new StoryWriter(new Random(1));

        Enumerable.Range(0, 500).Select(i => Words.Animals[i % Words.Animals.Length]).Should().OnlyContain(animal => StoryCheck.IsStoryAbout(animal, stories.Write(animal)));
    }

    [Theory]
    [InlineData("shy fox", "shy bear")]
    [InlineData("found the drum", "found the lamp")]
    [InlineData("to the school", "to the park")]
    [InlineData("She lost her", "He lost his")]
    [InlineData("said Sam", "said Tom")]
    [InlineData("hugged Sam", "hugged Ivy")]
    [InlineData("a kind boy", "a boy kind")]
    [InlineData("Sam", "Ivy")]
    [InlineData(" The end.", "")]
    [InlineData("The end.", "The end. The end.")]
    public void StoryCheck_ThreadThatIsLost_IsNoStory(string right, string wrong)
    {
        StoryCheck.IsStoryAbout("fox", Story).Should().BeTrue();
        StoryCheck.IsStoryAbout("fox", Story.Replace(right, wrong, StringComparison.Ordinal)).Should().BeFalse();
    }

    [Fact]
    public void QuestionWriter_Sums_AreRight()
    {
        var questions = new QuestionWriter(new Random(1));

        foreach (Question question in Enumerable.Range(0, 200).Select(_ => questions.Write(QuestionKind.Sum)))
        {
            int[] numbers = [.. question.Answers.Single().TrimEnd('.').Split(' ').Where(word => int.TryParse(word, out _)).Select(int.Parse)];
            numbers[2].Should().Be(numbers[0] + numbers[1]);
            question.Text.Should().Contain($"{numbers[0]} ").And.Contain($" {numbers[1]}?");
        }
    }

    private static async Task<string> TrainAsync(string folder, params string[] arguments)
    {
        (int exitCode, string output, string error) = await CommandProcess.RunAsync(
            "TrainStoryteller.dll", [folder, "--steps", "6", "--documents", "1500", "--questions", "16", .. arguments]);
        error.Should().BeEmpty();
        exitCode.Should().Be(0);
        return output;
    }
}
