using System.Buffers;
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 tokenize</c>: converts texts to token ids and back, line by line for programs, or one text for people.</summary>
internal sealed class TokenizeCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 tokenize tokenizer.model --text "Hello world"
          echo '{"text":"Hello world"}' | llama2 tokenize model.gguf --jsonl -
        """;

    // This size is enough for the longest text that the tokenizer accepts, with every character escaped as \uXXXX, and for the other members of the
    // JSON object.
    private const int MaxLineByteSize = (6 * ModelTokenizer.MaxTextLength) + (32 << 20);

    private const int FlushByteSize = 1 << 16;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Argument<string> _model = InputPath.Argument(
        "MODEL", "The vocabulary: a model in any form, SentencePiece's tokenizer.model, Hugging Face's tokenizer.json or llama2.c's tokenizer.bin.");

    private readonly Option<string?> _lines = new("--jsonl")
    {
        Description = "Reads one object {\"text\":…} per line from FILE, or - for standard input; writes one {\"ids\":[…],\"decoded\":…} per line.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _text = new("--text") { Description = "Shows the ids and pieces of one text.", HelpName = "TEXT" };

    public Command Create()
    {
        var command = new Command("tokenize", "Encodes texts as token ids, without a begin-of-sequence token.") { _model, _lines, _text };
        command.Validators.Add(result =>
        {
            if (result.GetResult(_lines) is null == result.GetResult(_text) is null)
            {
                result.AddError("Give either --jsonl or --text.");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var tokenizer = ModelTokenizer.Load(InputPath.RequireModel(result.GetRequiredValue(_model), host));
        if (result.GetValue(_text) is string text)
        {
            Show(tokenizer, text);
        }
        else if (result.GetRequiredValue(_lines) is not "-" and var path)
        {
            using FileStream file = File.OpenRead(InputPath.Require(path!));
            await EncodeLinesAsync(tokenizer, file, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await EncodeLinesAsync(tokenizer, host.Input, cancellationToken).ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    private void Show(ModelTokenizer tokenizer, string text)
    {
        foreach (int id in tokenizer.Encode(text, addBeginOfSequence: false))
            host.Output.WriteLine($"{id,6}  {PrintableText.SingleLine(tokenizer.GetTokenText(id))}");
    }

    private async Task EncodeLinesAsync(ModelTokenizer tokenizer, Stream input, CancellationToken cancellationToken)
    {
        var pending = new ArrayBufferWriter<byte>(2 * FlushByteSize);
        using var json = new Utf8JsonWriter(pending, s_json);
        var lines = new LineReader(input, MaxLineByteSize);
        try
        {
            while (true)
            {
                // If no further line has arrived yet, the results so far are written immediately. A program that writes a line and waits for the result
                // therefore receives it.
                if (pending.WrittenCount >= FlushByteSize || !lines.HasBufferedLine)
                    await FlushAsync(pending).ConfigureAwait(false);
                if (await lines.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } line)
                    return;

                cancellationToken.ThrowIfCancellationRequested();
                Encode(tokenizer, line, lines.LineNumber, json);
                pending.Write("\n"u8);
            }
        }
        finally
        {
            await FlushAsync(pending).ConfigureAwait(false);
        }
    }

    private async Task FlushAsync(ArrayBufferWriter<byte> pending)
    {
        await host.OutputStream.WriteAsync(pending.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
        await host.OutputStream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        pending.ResetWrittenCount();
    }

    private static void Encode(ModelTokenizer tokenizer, ReadOnlyMemory<byte> line, long lineNumber, Utf8JsonWriter json)
    {
        int[] ids;
        try
        {
            ids = tokenizer.Encode(TextLine.Parse(line), addBeginOfSequence: false);
        }
        catch (Exception exception) when (exception is ArgumentException or CommandException)
        {
            throw new CommandException($"line {lineNumber}: {ErrorSentence.Of(exception)}", exception);
        }

        json.WriteStartObject();
        json.WriteStartArray("ids"u8);
        foreach (int id in ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
        json.WriteString("decoded"u8, tokenizer.Decode(ids.AsSpan()));
        json.WriteEndObject();
        json.Flush();
        json.Reset();
    }
}
