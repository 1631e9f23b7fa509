using Llama2.Formats;
using Llama2.Tensors;
using static System.FormattableString;

namespace Llama2;

/// <summary>Measures an <see cref="ImportanceMatrix"/>.</summary>
/// <remarks>There is only an asynchronous method, because it uses the methods of <see cref="ILlamaModel"/>, which are asynchronous.</remarks>
public static class ImportanceMatrixCollector
{
    /// <summary>
    /// Divides a text into windows, lets the model read each window separately, and measures the activations with which every weight matrix is
    /// multiplied. As in llama-imatrix, the first token of each window is replaced by the begin-of-sequence token, and the end of the text is ignored
    /// if it does not fill a window.
    /// </summary>
    /// <param name="modelPath">A GGUF file. The more bits per weight it has, the better the result.</param>
    /// <param name="text">A text of the kind that the model will generate. About a hundred windows are enough.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Receives the fraction of the windows that are finished, 0 to 1, after each window.</param>
    /// <param name="cancellationToken">Stops the work within the time that the computation of one layer takes.</param>
    /// <exception cref="ArgumentException">The text does not fill one window.</exception>
    /// <exception cref="ModelFormatException">The model is malformed, or not supported.</exception>
    /// <exception cref="LlamaMemoryException">There is not enough memory for the model.</exception>
    /// <exception cref="NumericalException">The model computes numbers that are not finite.</exception>
    /// <exception cref="IOException">The model cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async Task<ImportanceMatrix> CollectAsync(
        string modelPath, string text, ImportanceMatrixOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= new ImportanceMatrixOptions();
        List<ObservedMatrix> matrices = [];
        var modelOptions = new LlamaModelOptions
        {
            ThreadCount = options.ThreadCount,
            Observe = (name, matrix) =>
            {
                var observed = new ObservedMatrix(name, matrix);
                matrices.Add(observed);
                return observed;
            },
        };
        using LlamaModel model = await LlamaModel.LoadAsync(modelPath, modelOptions, progress: null, cancellationToken).ConfigureAwait(false);
        int windowLength = Math.Min(options.WindowLength, model.ContextLength);
        ModelTokenizer tokenizer = model.Tokenizer;
        int[] tokens = tokenizer.Encode(text, tokenizer.AddsBeginOfSequence);
        int windowCount = Math.Min(tokens.Length / windowLength, options.MaxWindowCount ?? int.MaxValue);
        if (windowCount == 0)
        {
            throw new ArgumentException(Invariant($"The text has {tokens.Length:N0} tokens, fewer than one window of {windowLength:N0}: give a longer text, or a shorter window."), nameof(text));
        }

        for (int i = 0; i < windowCount; i++)
        {
            int[] window = tokens.AsSpan(i * windowLength, windowLength).ToArray();
            window[0] = tokenizer.AddsBeginOfSequence ? tokenizer.BeginOfSequenceId : window[0];
            await RunAsync(model, window, options, cancellationToken).ConfigureAwait(false);
            progress?.Report((i + 1.0) / windowCount);
        }

        ColumnSquares[] columns = [.. matrices.Where(matrix => matrix.ObservedCount > 0).Select(matrix => new ColumnSquares(matrix.Name, matrix.SquareSums(), matrix.ObservedCount))];
        return new ImportanceMatrix(new ImatrixFile(columns, options.Dataset is null ? [] : [options.Dataset], windowCount, windowLength), "importance matrix");
    }

    private static async Task RunAsync(LlamaModel model, int[] window, ImportanceMatrixOptions options, CancellationToken cancellationToken)
    {
        if (options.IncludeOutput)
        {
            _ = await model.ComputeLogitsAsync(window, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        else
        {
            // For mean pooling, every layer is computed for every token, and the output matrix is not used.
            ReadOnlyMemory<int>[] texts = [window];
            _ = await model.ComputeEmbeddingsAsync(texts, new EmbeddingOptions { Pooling = EmbeddingPooling.Mean }, cancellationToken).ConfigureAwait(false);
        }
    }
}
