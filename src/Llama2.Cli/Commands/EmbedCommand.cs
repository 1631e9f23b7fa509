using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Options;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 embed</c>: computes a vector for each text and writes it as a JSON array on a separate line.</summary>
internal sealed class EmbedCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 embed model.gguf --text "Hello world" --text "Good morning"
          llama2 embed model.gguf --pooling last < lines.txt > vectors.jsonl
        """;

    // The size in UTF-8 bytes of the longest text that the tokenizer accepts.
    private const int MaxLineByteSize = 3 * ModelTokenizer.MaxTextLength;

    // The last texts of a call may be computed one by one instead of in a full batch. With this number of texts in a call, these last texts are only
    // a small part of all texts.
    private const int TextsPerCall = 1024;

    private readonly Argument<string> _model = InputPath.Argument("MODEL", $"The model: {InputPath.AnyModel}.");

    private readonly TextsOption _texts = new("--text", "A text; may be given several times. Default: each line of standard input is a text.", texts => texts);

    private readonly Option<string> _pooling = ChoiceOption.Create(
        "--pooling", "KIND", "How the tokens' hidden states become one vector: as their mean, or as the hidden state of the last token",
        ["mean", "last"], isRequired: false, "mean");

    private readonly Option<bool> _noNormalize = new("--no-normalize") { Description = "Does not normalize the vectors to length 1." };

    private readonly Option<int?> _threads = ModelLoading.ThreadsOption();

    private readonly Option<KeyValueCacheType?> _cacheType = ModelLoading.CacheTypeOption();

    public Command Create()
    {
        var command = new Command("embed", "Computes a vector for each text; writes one JSON array on each line of standard output.")
        {
            _model, _texts.Option, _pooling, _noNormalize, _cacheType, _threads,
        };
        command.Validators.Add(_texts.Check);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var modelOptions = new LlamaModelOptions { ThreadCount = result.GetValue(_threads), KeyValueCacheType = result.GetValue(_cacheType) };
        var options = new EmbeddingOptions
        {
            Pooling = result.GetValue(_pooling) == "last" ? EmbeddingPooling.LastToken : EmbeddingPooling.Mean,
            Normalize = !result.GetValue(_noNormalize),
        };
        using LlamaModel model = await ModelLoading.LoadAsync(InputPath.RequireModel(result.GetRequiredValue(_model), host), modelOptions, host, isQuiet: false, cancellationToken).ConfigureAwait(false);
        if (_texts.Read(result) is { } texts)
        {
            await EmbedAsync(model, texts, "text", 1, options, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await EmbedLinesAsync(model, options, cancellationToken).ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    private async Task EmbedLinesAsync(LlamaModel model, EmbeddingOptions options, CancellationToken cancellationToken)
    {
        var lines = new LineReader(host.Input, MaxLineByteSize);
        var texts = new List<string>();
        while (await lines.ReadTextAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            texts.Add(line);
            // If no further line has arrived yet, the texts that were read so far are embedded immediately. A program that writes a line and waits for
            // the vector therefore receives it.
            if (texts.Count == TextsPerCall || !lines.HasBufferedLine)
            {
                await EmbedAsync(model, texts, "line", lines.LineNumber - texts.Count + 1, options, cancellationToken).ConfigureAwait(false);
                texts.Clear();
            }
        }

        await EmbedAsync(model, texts, "line", lines.LineNumber - texts.Count + 1, options, cancellationToken).ConfigureAwait(false);
    }

    private async Task EmbedAsync(
        LlamaModel model, IReadOnlyList<string> texts, string kind, long firstNumber, EmbeddingOptions options, CancellationToken cancellationToken)
    {
        try
        {
            Write(await model.ComputeEmbeddingsAsync(texts, options, cancellationToken).ConfigureAwait(false));
        }
        catch (ContextLengthException exception)
        {
            throw new CommandException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kind} {firstNumber + exception.TextIndex}: it has {exception.PromptTokenCount:N0} tokens and the context holds {exception.ContextLength:N0}; split it."),
                exception);
        }
    }

    private void Write(float[][] embeddings)
    {
        var line = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(line);
        foreach (float[] embedding in embeddings)
        {
            json.WriteStartArray();
            foreach (float element in embedding)
                json.WriteNumberValue(element);
            json.WriteEndArray();
            json.Flush();
            line.Write("\n"u8);
            host.OutputStream.Write(line.WrittenSpan);
            line.ResetWrittenCount();
            json.Reset();
        }

        host.OutputStream.Flush();
    }
}
