using System.Text.Json;
using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Definitions;

/// <summary>Reads the documents of a task, and fills its definition.</summary>
/// <param name="settings">What the task file says.</param>
/// <param name="info">What the task is.</param>
/// <param name="source">Reads a split of a data set.</param>
internal sealed class TaskDocuments(TaskSettings settings, EvaluationTaskInfo info, DocumentSource source)
{
    private readonly TaskFile _file = settings.File;

    /// <summary>Makes the task's definition.</summary>
    /// <exception cref="LlamaException">A data set is missing or malformed, or a document does not fit the task.</exception>
    public DocumentTaskDefinition Define()
    {
        string split = _file.Text("test_split") ?? _file.Text("validation_split")
            ?? throw _file.Configuration.Fault("test_split", "the file states neither a 'test_split' nor a 'validation_split'");
        IReadOnlyList<JsonElement> documents = Read(split, settings.Process);
        if (documents.Count == 0)
            throw _file.Configuration.Fault("dataset_path", $"the split '{split}' of '{settings.Dataset}' has no documents");
        return Define(documents);
    }

    // As in the harness, the first document decides whether choices are contexts and whether there are several targets.
    private DocumentTaskDefinition Define(IReadOnlyList<JsonElement> documents)
    {
        JsonElement first = documents[0];
        if (first.ValueKind != JsonValueKind.Object)
            throw _file.Configuration.Fault("dataset_path", $"the documents of '{settings.Dataset}' are not objects");
        var format = new DocumentFormat(first.EnumerateObject().Select(member => member.Name).ToHashSet(), settings.Choices is not null);
        bool choicesAreContexts = settings.Choices is not null && settings.Output == DocumentOutput.MultipleChoice && format.Text(settings.Text, first).Index is not null;
        bool hasSeveralTargets = format.Target(settings.Target, first).List is { Count: > 0 };
        FewShotSettings fewShots = settings.FewShots;
        return new DocumentTaskDefinition
        {
            Info = info,
            Output = settings.Output,
            Documents = documents,
            Text = document => choicesAreContexts ? format.Text(settings.Text, document) : Question(format, settings.Text, document),
            Target = document => Target(format, document, hasSeveralTargets),
            Choices = settings.Choices is { } choices ? document => format.Choices(choices, document) : null,
            ChoicesAreContexts = choicesAreContexts,
            FewShots = settings.FewShotCount == 0 ? null : CreateSampler(),
            FewShotText = document => choicesAreContexts
                ? Choose(format.Choices(fewShots.Choices!, document), format.Text(fewShots.Text, document).Index, fewShots.Text)
                : Question(format, fewShots.Text, document),
            FewShotTarget = document => Answer(format, document, choicesAreContexts),
            FewShotChoices = _ => [],
            FewShotDelimiter = fewShots.Delimiter,
            FewShotTargetDelimiter = fewShots.TargetDelimiter,
            FewShotAnswerPrefix = fewShots.AnswerPrefix is { } shotPrefix ? shotPrefix.Resolve : _ => "",
            Description = settings.Description is { } description ? description.Resolve : _ => "",
            DescriptionDelimiter = settings.FewShotDelimiter,
            TargetDelimiter = settings.TargetDelimiter,
            ChoiceDelimiter = ChoiceDelimiter(),
            AnswerPrefix = settings.AnswerPrefix is { } prefix ? prefix.Resolve : _ => "",
            Generation = settings.Generation,
            RepeatCount = settings.RepeatCount,
            UsesChat = settings.Options.UsesChat,
            FewShotsAreTurns = settings.Options.FewShotsAreTurns,
            SystemPrompt = settings.Options.SystemPrompt,
            Filters = settings.Filters,
            Metrics = settings.Metrics,
        };
    }

    // The harness looks at the template of the prefix, not at the text that it gives.
    private string ChoiceDelimiter()
        => !settings.Options.UsesChat || (settings.AnswerPrefix is { } prefix && !PythonString.EndsWithSpace(prefix.Source)) ? settings.TargetDelimiter : "";

    private static TaskValue Question(DocumentFormat format, ValueSource source, JsonElement document)
        => format.Text(source, document) is { Text: { } text } ? text : throw source.Fault("it gives no text; only multiple-choice tasks may have an index, for all documents");

    private TaskValue Target(DocumentFormat format, JsonElement document, bool hasSeveral)
    {
        TaskValue target = format.Target(settings.Target, document);
        if (target.List is null || hasSeveral)
            return target;
        // The first document has one target, so a list is not read as several targets: it equals no index, and its text is the text of the whole list.
        return settings.Output == DocumentOutput.MultipleChoice ? -1 : DocumentFormat.Print(target);
    }

    // The answer that a few-shot example shows: the choice of an index, the first of several targets, or the target itself.
    private TaskValue Answer(DocumentFormat format, JsonElement document, bool choicesAreContexts)
    {
        FewShotSettings fewShots = settings.FewShots;
        TaskValue target = format.Target(fewShots.Target, document);
        if (target.Index is { } index && fewShots.Choices is { } choices && !choicesAreContexts)
            return Choose(format.Choices(choices, document), index, fewShots.Target);
        return (target.List is [var first, ..] ? first : target).ToText(null);
    }

    // As in Python, -1 is the last choice.
    private static string Choose(IReadOnlyList<string> choices, int? index, ValueSource source)
    {
        int position = index < 0 ? index.Value + choices.Count : index ?? -1;
        return position >= 0 && position < choices.Count ? choices[position] : throw source.Fault($"the index {index} is not one of the {choices.Count} choices");
    }

    private IFewShotSampler CreateSampler()
    {
        IReadOnlyList<JsonElement> examples = FewShotDocuments();
        if (settings.FewShots.Indices is { Count: > 0 } indices)
            examples = [.. indices.Select(index => index < examples.Count ? examples[index] : throw _file.Configuration.Fault("fewshot_config", $"'fewshot_indices' has {index}, but there are {examples.Count} examples"))];
        // The harness compares the two values as they are in the file, so two missing ones are the same split.
        bool excludesQuestion = settings.FewShots.Split == _file.Text("test_split");
        int needed = settings.FewShotCount + (excludesQuestion ? 1 : 0);
        if (examples.Count < (settings.FewShots.TakesFirst ? settings.FewShotCount : needed))
            throw _file.Configuration.Fault("num_fewshot", $"{needed} few-shot examples are needed, but there are {examples.Count}; ask for fewer");
        return settings.FewShots.TakesFirst
            ? new FirstExamples(examples, settings.FewShotCount, excludesQuestion)
            : new RandomExamples(examples, settings.FewShotCount, excludesQuestion, settings.Options.FewShotSeed);
    }

    private IReadOnlyList<JsonElement> FewShotDocuments()
    {
        FewShotSettings fewShots = settings.FewShots;
        if (fewShots.Split is { } split)
            return Read(split, fewShots.Process);
        if (fewShots.Samples is { } samples)
            return samples;
        return Read(_file.Text("training_split") ?? _file.Text("validation_split") ?? _file.Text("test_split")!, settings.Process);
    }

    private IReadOnlyList<JsonElement> Read(string split, Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>>? process)
    {
        IReadOnlyList<JsonElement> documents = source(settings.Dataset, _file.Text("dataset_name"), split);
        return process is null ? documents : process(documents);
    }
}
