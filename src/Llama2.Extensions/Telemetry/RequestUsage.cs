namespace Llama2.Extensions.Telemetry;

/// <summary>
/// The tokens of all model calls that one request of an application causes. They are counted while they are computed, so they are known even if the caller does
/// not wait for the end of an answer. Thread-safe.
/// </summary>
/// <param name="maxTokenCount">The maximum number of tokens of a prompt and its answer together; null if only the model's context limits it.</param>
internal class RequestUsage(int? maxTokenCount = null)
{
    private static readonly AsyncLocal<RequestUsage?> s_current = new();
    private readonly Lock _gate = new();
    // The prompts by their index: several answers to one prompt have the same tokens, which count once.
    private readonly Dictionary<int, (int Count, int CachedCount)> _prompts = [];
    private int _generatedCount;

    /// <summary>
    /// The request that the current asynchronous flow works for; null for none. Chat clients and embedding generators know only Microsoft.Extensions.AI's
    /// options, which have no place for this object.
    /// </summary>
    public static RequestUsage? Current
    {
        get => s_current.Value;
        set => s_current.Value = value;
    }

    /// <summary>The maximum number of tokens of a prompt and its answer together; null if only the model's context limits it.</summary>
    public int? MaxTokenCount => maxTokenCount;

    /// <summary>The name of the model that the request uses; null until it is known.</summary>
    public string? ModelId { get; set; }

    /// <summary>The tokens of all prompts, including those that the model did not finish because the caller left.</summary>
    public int PromptTokenCount => Sum(prompt => prompt.Count);

    /// <summary>The tokens of prompts that were reused from earlier requests.</summary>
    public int CachedTokenCount => Sum(prompt => prompt.CachedCount);

    /// <summary>The generated tokens of all answers.</summary>
    public int GeneratedTokenCount => Volatile.Read(ref _generatedCount);

    /// <summary>Counts a prompt. Called when the first token after the prompt is generated, or when the computation ends earlier.</summary>
    /// <param name="index">Distinguishes the prompts of a request.</param>
    /// <param name="count">The number of its tokens.</param>
    public void AddPrompt(int index, int count)
    {
        lock (_gate)
            _prompts.TryAdd(index, (count, -1));
    }

    /// <summary>Called with each prompt, as the model reads it, before its computation.</summary>
    public virtual void ReadPrompt(ReadOnlyMemory<int> tokens, ModelTokenizer tokenizer)
    {
    }

    /// <summary>Counts tokens when they are generated; a negative number corrects a count that was too high.</summary>
    public void AddGenerated(int count) => Interlocked.Add(ref _generatedCount, count);

    /// <summary>Records how many tokens of a prompt were reused from earlier requests. Called at the end of a generation, when this number is known.</summary>
    public void AddCached(int index, int cachedCount)
    {
        lock (_gate)
        {
            // A later answer of a request may reuse tokens that an earlier answer of the same request has computed. Such tokens were not known before the
            // request.
            if (_prompts.TryGetValue(index, out (int Count, int CachedCount) known))
                _prompts[index] = (known.Count, known.CachedCount < 0 ? cachedCount : Math.Min(known.CachedCount, cachedCount));
        }
    }

    private int Sum(Func<(int Count, int CachedCount), int> part)
    {
        lock (_gate)
            return _prompts.Values.Sum(prompt => Math.Max(0, part(prompt)));
    }
}
