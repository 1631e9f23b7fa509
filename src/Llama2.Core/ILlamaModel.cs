namespace Llama2;

/// <summary>
/// A loaded model of the Llama family. Thread-safe: any number of threads may generate at the same time, and concurrent generations are computed
/// together in batches. The same prompt, options and seed give the same text, whatever else the model is doing.
/// </summary>
/// <remarks>
/// <para>
/// Disposing frees the weights. Running generations then end with <see cref="ObjectDisposedException"/>, as do later calls.
/// </para>
/// <para>
/// Generation and computation are asynchronous only. A call waits for passes over the weights, and each pass computes tokens of several calls; blocking a
/// thread for each call would waste threads. A program without asynchronous code can wait with <c>GetAwaiter().GetResult()</c>.
/// </para>
/// <para>
/// Another implementation, such as one for tests, needs <see cref="Configuration"/>, <see cref="Tokenizer"/>,
/// <see cref="GenerateAsync(ReadOnlyMemory{int}, GenerationOptions?, CancellationToken)"/> and <c>Dispose</c>: chat sessions and chat clients work
/// with these. Every other member has a default implementation, which its description states, or throws <see cref="NotSupportedException"/>.
/// </para>
/// </remarks>
public interface ILlamaModel : IDisposable
{
    /// <summary>The model's shape.</summary>
    ModelConfiguration Configuration { get; }

    /// <summary>The model's vocabulary. It stays usable after the model is disposed.</summary>
    ModelTokenizer Tokenizer { get; }

    /// <summary>
    /// The maximum number of tokens of prompt and answer together. Default implementation: the context length of <see cref="Configuration"/>.
    /// </summary>
    int ContextLength => Configuration.ContextLength;

    /// <summary>
    /// Identifies the model, so that a chat session that was saved with it is not continued with another one; see
    /// <see cref="LlamaModel.Fingerprint"/>. Default implementation: the name in <see cref="Configuration"/>.
    /// </summary>
    string Fingerprint => Configuration.Name;

    /// <summary>
    /// The model's chat template in Jinja (<c>tokenizer.chat_template</c>); null if it has none. Default implementation: null. See
    /// <see cref="PromptFormat.Detect(ILlamaModel, CancellationToken)"/>.
    /// </summary>
    string? ChatTemplate => null;

    /// <summary>The file or folder that the model was loaded from, as the caller named it; null if there is none. Default implementation: null.</summary>
    string? Path => null;

    /// <summary>
    /// The number of threads that compute, 1 to 1,024: the thread count of the model's <see cref="LlamaRuntime"/>. May be set at any time, from any
    /// thread. The new number applies to all models of the runtime, beginning with their next pass over the weights (a pass computes a token or a
    /// part of a prompt). Results do not depend on the number. If the system refuses a thread, generations continue with the existing threads, and
    /// the property then returns their number. Default implementation: 1; setting it throws <see cref="NotSupportedException"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The property is set to less than 1 or more than 1,024.</exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for additional threads.</exception>
    /// <exception cref="ObjectDisposedException">The property is set after the model was disposed.</exception>
    int ThreadCount
    {
        get => 1;
        set => throw NotImplementedBy(this, nameof(ThreadCount));
    }

    /// <summary>The model's current activity. Default implementation: all zero. May be read after the model is disposed.</summary>
    LlamaModelStatistics Statistics => default;

    /// <summary>
    /// Whether a saved fingerprint belongs to this model. Default implementation: whether it is the same text as <see cref="Fingerprint"/>.
    /// </summary>
    /// <param name="fingerprint">A value that <see cref="Fingerprint"/> returned, in this version of the library or an earlier one.</param>
    bool HasFingerprint(string fingerprint) => fingerprint == Fingerprint;

    /// <summary>Loads a LoRA adapter for this model; a generation uses the adapter if its options name it in <see cref="ComputationOptions.Adapters"/>.</summary>
    /// <param name="path">
    /// A GGUF file as written by llama.cpp's convert_lora_to_gguf.py, a PEFT folder, or the file of weights in such a folder. The format is detected
    /// from the content.
    /// </param>
    /// <param name="cancellationToken">Ends the loading; all memory is freed.</param>
    /// <returns>The adapter; dispose it to free its weights.</returns>
    /// <exception cref="ModelFormatException">
    /// The adapter is malformed, belongs to another model, or uses a feature that this library does not support.
    /// </exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the weights.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="NotSupportedException">The model does not implement this method.</exception>
    /// <remarks><see cref="LlamaModelExtensions.LoadAdapterAsync"/> does this on another thread.</remarks>
    LlamaAdapter LoadAdapter(string path, CancellationToken cancellationToken = default) => throw NotImplementedBy(this, nameof(LoadAdapter));

    /// <summary>Continues a text.</summary>
    /// <param name="prompt">
    /// The text, which may be empty. It is encoded as plain text after the begin-of-sequence token: <c>&lt;s&gt;</c> in the text is three characters.
    /// </param>
    /// <param name="options">How to choose tokens and when to stop; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the generation within the time that one layer takes to compute, even while the prompt is computed.</param>
    /// <returns>An update for each token, and a last one with the finish reason. Enumerating starts the generation; leaving the enumeration ends it.</returns>
    /// <exception cref="ArgumentException">
    /// The prompt is longer than <see cref="ModelTokenizer.MaxTextLength"/>, the prompt is empty although the vocabulary adds no begin-of-sequence
    /// token, or <see cref="GenerationOptions.LogitBias"/> names a token that is not in the vocabulary.
    /// </exception>
    /// <exception cref="ContextLengthException">The prompt has <see cref="ContextLength"/> tokens or more, which leaves no room for an answer.</exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the keys and values of prompt and answer.</exception>
    /// <exception cref="NumericalException">The model computed a logit that is NaN or infinite: its weights are damaged.</exception>
    /// <exception cref="ReaderIdleException">The generation waited longer than <see cref="LlamaModelOptions.ReaderIdleLimit"/> for its reader.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed, or was disposed during the generation.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    IAsyncEnumerable<GenerationUpdate> GenerateAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => GenerateAsync(Tokenizer.Encode(prompt), options, cancellationToken);

    /// <summary>Continues a sequence of tokens. The sequence is used as it is: no begin-of-sequence token is added.</summary>
    /// <param name="promptTokens">1 or more ids of the vocabulary; copied.</param>
    /// <param name="options">How to choose tokens and when to stop; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the generation within the time that one layer takes to compute, even while the prompt is computed.</param>
    /// <returns>The same updates as for a text prompt.</returns>
    /// <exception cref="ArgumentException">
    /// There are no tokens, or a token is not in the vocabulary. The method for a text prompt documents the further exceptions.
    /// </exception>
    IAsyncEnumerable<GenerationUpdate> GenerateAsync(
        ReadOnlyMemory<int> promptTokens, GenerationOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Computes the logits of every token of a sequence: row i contains the scores of the tokens that could follow tokens 0 … i.</summary>
    /// <param name="tokens">1 to <see cref="ContextLength"/> ids of the vocabulary, used without changes; copied.</param>
    /// <param name="options">The adapters to use; null takes the defaults. Keys and values are not reused or shared, whatever the prefix scope.</param>
    /// <param name="cancellationToken">Ends the computation within the time that one layer takes to compute.</param>
    /// <returns>[tokens, <see cref="ModelConfiguration.VocabularySize"/>], row after row.</returns>
    /// <exception cref="ArgumentException">
    /// There are no tokens, or a token is not in the vocabulary. The methods that generate text document the further exceptions.
    /// </exception>
    /// <exception cref="ContextLengthException">There are more tokens than <see cref="ContextLength"/>.</exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the logits, or their number exceeds the maximum length of an array.</exception>
    /// <exception cref="NotSupportedException">The model does not implement this method.</exception>
    Task<float[]> ComputeLogitsAsync(ReadOnlyMemory<int> tokens, ComputationOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromException<float[]>(NotImplementedBy(this, nameof(ComputeLogitsAsync)));

    /// <summary>Computes the natural-log probability of each token of a sequence, given all tokens before it.</summary>
    /// <param name="tokens">
    /// 2 to <see cref="ContextLength"/> + 1 ids of the vocabulary, used without changes; copied. The last token is scored, but its own keys and
    /// values are not computed.
    /// </param>
    /// <param name="start">
    /// The index of the first token that is scored, 1 to the index of the last token. Tokens before the first scored token take less time than scored
    /// tokens, and almost no time if another call of the same scope has just computed them.
    /// </param>
    /// <param name="options">The adapters and the prefix scope; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the computation within the time that one layer takes to compute.</param>
    /// <returns>The log-probabilities of the tokens from <paramref name="start"/> to the last, each finite and at most 0.</returns>
    /// <exception cref="ArgumentException">
    /// There are fewer than two tokens, or a token is not in the vocabulary. The methods that generate text document the further exceptions.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="start"/> is not the index of a token after the first.</exception>
    /// <exception cref="ContextLengthException">There are more tokens than <see cref="ContextLength"/> + 1.</exception>
    /// <exception cref="NotSupportedException">The model does not implement this method.</exception>
    Task<float[]> ComputeLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromException<float[]>(NotImplementedBy(this, nameof(ComputeLogProbabilitiesAsync)));

    /// <summary>
    /// Computes the natural-log probability of each token of a sequence after all tokens before that token, and the likeliest tokens at each position. Memory
    /// is needed only for the results, not for the logits of all places.
    /// </summary>
    /// <param name="tokens">As for <see cref="ComputeLogProbabilitiesAsync"/>.</param>
    /// <param name="topCount">How many of the likeliest tokens to find at each position, 0 to 20.</param>
    /// <param name="start">As for <see cref="ComputeLogProbabilitiesAsync"/>.</param>
    /// <param name="options">The adapters and the prefix scope; null takes the defaults.</param>
    /// <param name="cancellationToken">Ends the computation within the time that one layer takes to compute.</param>
    /// <returns>The tokens from <paramref name="start"/> to the last, with the same log-probabilities as <see cref="ComputeLogProbabilitiesAsync"/> returns.</returns>
    /// <exception cref="ArgumentException">
    /// There are fewer than two tokens, or a token is not in the vocabulary. The methods that generate text document the further exceptions.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="topCount"/> is out of range, or <paramref name="start"/> is not the index of a token after the first.
    /// </exception>
    /// <exception cref="ContextLengthException">There are more tokens than <see cref="ContextLength"/> + 1.</exception>
    /// <exception cref="NotSupportedException">The model does not implement this method.</exception>
    Task<ScoredToken[]> ComputeTopLogProbabilitiesAsync(
        ReadOnlyMemory<int> tokens, int topCount, int start = 1, ComputationOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromException<ScoredToken[]>(NotImplementedBy(this, nameof(ComputeTopLogProbabilitiesAsync)));

    /// <summary>
    /// Computes one vector for each text from the hidden states after the model's final norm, which are the input of the output matrix. Several texts
    /// are computed at the same time; each vector has the same bits as if its text were computed alone.
    /// </summary>
    /// <param name="texts">
    /// Any number of texts, encoded as prompts are. A text may be empty if the vocabulary adds a begin-of-sequence token. All texts are encoded on
    /// the calling thread before the first is computed.
    /// </param>
    /// <param name="options">How to pool and normalize; null takes the defaults, which are the mean and unit length.</param>
    /// <param name="cancellationToken">Ends the computation within the time that one layer takes to compute.</param>
    /// <returns>[texts][<see cref="ModelConfiguration.EmbeddingLength"/>], in the order of the texts; empty if there are none.</returns>
    /// <exception cref="ArgumentException">
    /// A text is null or longer than <see cref="ModelTokenizer.MaxTextLength"/>, or empty although the vocabulary adds no begin-of-sequence token;
    /// the exception's parameter name contains the index of the text: <c>texts[3]</c>.
    /// </exception>
    /// <exception cref="ContextLengthException">
    /// A text has more tokens than <see cref="ContextLength"/>; <see cref="ContextLengthException.TextIndex"/> states which one.
    /// </exception>
    /// <exception cref="LlamaMemoryException">
    /// There is not enough memory for the vectors, or for the keys and values of the texts that are computed at the same time.
    /// </exception>
    /// <exception cref="NumericalException">The model computed a hidden state with NaN or infinity: its weights are damaged.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed, or was disposed during the computation.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task<float[][]> ComputeEmbeddingsAsync(IReadOnlyList<string> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ReadOnlyMemory<int>[] tokens = [.. texts.Select(text => Tokenizer.Encode(text))];
        return ComputeEmbeddingsAsync(tokens, options, cancellationToken);
    }

    /// <summary>Computes one vector for each sequence of tokens. The sequences are used as they are: no begin-of-sequence token is added.</summary>
    /// <param name="texts">Any number of sequences, each of 1 to <see cref="ContextLength"/> ids of the vocabulary; copied.</param>
    /// <param name="options">How to pool and normalize; null takes the defaults, which are the mean and unit length.</param>
    /// <param name="cancellationToken">Ends the computation within the time that one layer takes to compute.</param>
    /// <returns>[texts][<see cref="ModelConfiguration.EmbeddingLength"/>], in the order of the sequences; empty if there are none.</returns>
    /// <exception cref="ArgumentException">
    /// A sequence has no tokens, or a token is not in the vocabulary. The method for texts documents the further exceptions.
    /// </exception>
    /// <exception cref="NotSupportedException">The model does not implement this method.</exception>
    Task<float[][]> ComputeEmbeddingsAsync(
        IReadOnlyList<ReadOnlyMemory<int>> texts, EmbeddingOptions? options = null, CancellationToken cancellationToken = default)
        => Task.FromException<float[][]>(NotImplementedBy(this, nameof(ComputeEmbeddingsAsync)));

    private static NotSupportedException NotImplementedBy(ILlamaModel model, string member)
        => new($"{model.GetType().Name} does not implement {nameof(ILlamaModel)}.{member}.");
}
