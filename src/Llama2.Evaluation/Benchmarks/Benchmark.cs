using System.Text.Json;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>A built-in task: where its documents come from, and how they become a task.</summary>
/// <param name="Name">The task's name, which is that of lm-evaluation-harness if it has the task.</param>
/// <param name="Data">The data set.</param>
internal sealed record Benchmark(string Name, DatasetPart Data)
{
    public string? Alias { get; init; }

    public string Version { get; init; } = "1.0";

    /// <summary>What the task measures, the source of its definition, and how the task differs from it.</summary>
    public required string Description { get; init; }

    public required DocumentOutput Output { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The number of few-shot examples if the caller names none.</summary>
    public int FewShotCount { get; init; }

    /// <summary>Whether the caller cannot change the number of few-shot examples, because the questions bring their own or must have none.</summary>
    public bool HasFixedFewShotCount { get; init; }

    /// <summary>Whether the few-shot examples are the first ones of their split; otherwise they are drawn at random.</summary>
    public bool FewShotsAreFirst { get; init; }

    /// <summary>The few-shot examples, if the task itself contains them; null to take examples from the data set.</summary>
    public Func<IReadOnlyList<JsonElement>>? FewShotExamples { get; init; }

    /// <summary>The names of further parts of the data set; their documents follow the documents of the first part.</summary>
    public IReadOnlyList<string> FurtherParts { get; init; } = [];

    /// <summary>Makes the documents of the task from the documents of the data set, for example by leaving some out; null to use all unchanged.</summary>
    public Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>>? Select { get; init; }

    /// <summary>Chooses the few-shot examples from the documents of their split; null for all.</summary>
    public Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>>? SelectFewShots { get; init; }

    /// <summary>Whether prompts are conversations if the caller does not state it.</summary>
    public bool UsesChat { get; init; }

    /// <summary>Fills the definition: everything but the few-shot examples and the options of prompts.</summary>
    public required Func<BenchmarkContext, DocumentTaskDefinition> Define { get; init; }

    /// <summary>Creates the task.</summary>
    public DocumentTask CreateTask(DocumentSource source, BuiltInTaskOptions options)
    {
        int count = HasFixedFewShotCount ? FewShotCount : options.FewShotCount ?? FewShotCount;
        var info = new EvaluationTaskInfo(Name)
        {
            Alias = Alias,
            Version = Version,
            Description = Description,
            OutputType = OutputTypeName.Of(Output),
            FewShotCount = count,
            Tags = Tags,
        };
        DocumentTaskDefinition definition = Define(new BenchmarkContext(info, Output, Read(source, Data.Split), options));
        GenerationRequest generation = definition.Generation;
        return new DocumentTask(definition with
        {
            FewShots = count == 0 ? null : CreateSampler(source, count, options.FewShotSeed),
            UsesChat = options.UsesChat ?? UsesChat,
            FewShotsAreTurns = options.FewShotsAreTurns,
            SystemPrompt = options.SystemPrompt,
            Generation = generation with { MaxTokens = options.MaxTokens ?? generation.MaxTokens },
        });
    }

    private IFewShotSampler CreateSampler(DocumentSource source, int count, long seed)
    {
        if (FewShotExamples is not null)
            return new FirstExamples(Enough(FewShotExamples(), count), count);
        // As in lm-evaluation-harness, one more example is drawn, and the question's own document is left out, only if the data set has no split test,
        // although some tasks draw their examples from the split test.
        bool excludesQuestion = Data.Split == "validation";
        IReadOnlyList<JsonElement> examples = Read(source, Data.FewShotSplit ?? Data.Split);
        examples = Enough(SelectFewShots?.Invoke(examples) ?? examples, excludesQuestion ? count + 1 : count);
        return FewShotsAreFirst ? new FirstExamples(examples, count, excludesQuestion) : new RandomExamples(examples, count, excludesQuestion, seed);
    }

    private IReadOnlyList<JsonElement> Enough(IReadOnlyList<JsonElement> examples, int count) => examples.Count >= count
        ? examples
        : throw new EvaluationDataException(
            $"The task '{Name}' has {examples.Count} examples to solve before a question, fewer than the {count} that are needed. Lower the number of few-shot examples.");

    private IReadOnlyList<JsonElement> Read(DocumentSource source, string split)
    {
        IReadOnlyList<JsonElement> documents = source(Data.Path, Data.Name, split);
        if (FurtherParts.Count > 0)
            documents = [.. documents, .. FurtherParts.SelectMany(name => source(Data.Path, name, split))];
        return Select is null ? documents : Select(documents);
    }
}
