using System.Text.RegularExpressions;
using Llama2.Cli.Terminal;
using Llama2.Tests;

namespace Llama2.Cli.Tests.Terminal;

public sealed partial class OptionNamesTests
{
    // Messages that no command can cause, because they are about how a program uses the library or about values that the command does not pass; and names
    // that are not the library's.
    private static readonly string[] s_ofPrograms =
    [
        "Set a smaller ThreadCount", "LogitProcessors created null", "LlamaModelOptions.Runtime and ThreadCount are both set", "load it with this model's LoadAdapter", "Sources created null",
        "ToolCalls has", "ToolCalls contains null", "use SpecialTokenPolicy.Escape", "LlamaModelOptions.ReaderIdleLimit", "LlamaModelOptions.MaxWaitingCount", "LlamaModelOptions.KernelTier is",
        "use ModelQuantizer", "LlamaModelStoreOptions ", "RetryCount = ", "LlamaModelOptions.RopeScaling, --rope-scaling", "(TasksMax)",
        "use SaveAdapter, or SaveMergedModel", "use SaveModel", "MaxLearningRate must be above", "set TrainingOptions.Lora to null", "raise VocabularySize", "lower VocabularySize", "raise MaxWordCount",
        "set TrainingSample.IsDesirable of all samples", "set TrainingOptions.Preference before the model is opened", "DatasetFormat.…",
        "A RecordedBackend needs no journal", "run RecordedBackend.Tasks", "ModelBackend does not support", "but SampleCount is", "if you trust the file, allow more with DataOptions.…",
    ];

    [Theory]
    [InlineData("Take fewer (TrainingOptions.BatchTokenCount, --batch-tokens), or another.", "Take fewer (--batch-tokens), or another.")]
    [InlineData("give the file of its tokenizer (LlamaModelOptions.TokenizerPath, or llama2 convert with --tokenizer)", "give the file of its tokenizer (llama2 convert with --tokenizer)")]
    [InlineData("write a model by merging (AdapterMerger, llama2 adapter merge)", "write a model by merging (llama2 adapter merge)")]
    [InlineData("set a greater length (DatasetOptions.MaxPairLength), or skip (DatasetOptions.LongSamples)", "set a greater length (--batch-tokens), or skip (--long-samples)")]
    [InlineData("the format DatasetFormat.TextRecords, and not DatasetFormat.Text", "the format text-records, and not text")]
    [InlineData("there are more than 5 rows; if you trust the file, allow more with DataOptions.MaxRowCount", "there are more than 5 rows; take a part of it")]
    [InlineData("at most 5 are allowed (DataOptions.MaxTextLength). A quote", "at most 5 are allowed. A quote")]
    [InlineData("use letters, or another tool format (PromptFormat.WithToolFormat).", "use letters.")]
    [InlineData("There is no file 'notes (Jan.Feb).jsonl'.", "There is no file 'notes (Jan.Feb).jsonl'.")]
    public void Translate_NameOfAMember_IsTheOptionOrLeftOut(string message, string expected) => OptionNames.Translate(message).Should().Be(expected);

    [Theory]
    [InlineData("Llama2.Core")]
    [InlineData("Llama2.Training")]
    [InlineData("Llama2.Evaluation")]
    public void Translate_EachMessageOfTheLibrary_NamesNoMember(string project)
    {
        string folder = RepositoryFiles.Committed("src", project);
        string[] files = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !Path.GetRelativePath(folder, file).Split(Path.DirectorySeparatorChar)[0].Equals("obj", StringComparison.Ordinal))];

        string[] messages = [.. files.SelectMany(File.ReadLines).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)).SelectMany(line => Text().Matches(line)).Select(match => match.Value).Where(text => Named().IsMatch(text)).Select(Spelled)];

        messages.Should().NotBeEmpty();
        messages.Select(OptionNames.Translate).Where(message => Member().IsMatch(message) && !s_ofPrograms.Any(known => message.Contains(known, StringComparison.Ordinal))).Should().BeEmpty();
    }

    // A message as it is written, with the names of members and … for other values.
    private static string Spelled(string literal) => Value().Replace(Name().Replace(literal, match => match.Groups["name"].Value.Split('.')[^1]), "…");

    [GeneratedRegex(@"""(?:[^""\\{]|\\.|\{[^{}]*\})*""")]
    private static partial Regex Text();

    // A text with the name of a member.
    [GeneratedRegex(@"\{nameof\(|\b[A-Z]\w*(Options|Model)\.[A-Z]")]
    private static partial Regex Named();

    [GeneratedRegex(@"\{nameof\((?<name>[\w.]+)\)\}")]
    private static partial Regex Name();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Value();

    // A name with a capital letter inside.
    [GeneratedRegex(@"\b[A-Z][a-z0-9]+(\.?[A-Z][a-z0-9]+)+\b")]
    private static partial Regex Member();
}
