using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Commands;

/// <summary>
/// <c>llama2 template</c>: renders chat templates, one conversation on each line, to compare the results with those of other implementations.
/// </summary>
internal sealed class TemplateCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 template --jsonl conversations.jsonl
          echo '{"template":"{{ messages[0].content }}","messages":[{"role":"user","content":"Hi"}]}' | llama2 template --jsonl -
        """;

    // This size is enough for the longest template and a conversation ten times as long, with every character escaped as \uXXXX.
    private const int MaxLineByteSize = 64 << 20;

    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string> _lines = new("--jsonl")
    {
        Description = "Reads one object {\"template\":…,\"messages\":[…]} per line from FILE, or - for standard input. The object may also have bos_token, "
            + "eos_token, add_generation_prompt and tools. Writes one {\"rendered\":…,\"error\":…} per line; one of the two is null.",
        HelpName = "FILE",
        Required = true,
    };

    public Command Create()
    {
        var command = new Command("template", "Renders conversations with Hugging Face chat templates.") { _lines };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string path = result.GetRequiredValue(_lines);
        if (path == "-")
        {
            await RenderLinesAsync(host.Input, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using FileStream file = File.OpenRead(InputPath.Require(path));
            await RenderLinesAsync(file, cancellationToken).ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    private async Task RenderLinesAsync(Stream input, CancellationToken cancellationToken)
    {
        var lines = new LineReader(input, MaxLineByteSize);
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] answer = Render(line, lines.LineNumber, cancellationToken);
            await host.OutputStream.WriteAsync(answer, CancellationToken.None).ConfigureAwait(false);
            await host.OutputStream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static byte[] Render(ReadOnlyMemory<byte> line, long lineNumber, CancellationToken cancellationToken)
    {
        string? rendered = null, error = null;
        try
        {
            using var conversation = TemplateCase.Parse(line);
            rendered = PromptTemplate.Parse(conversation.Template).Render(
                conversation.Messages,
                conversation.BeginOfSequence,
                conversation.EndOfSequence,
                conversation.AddGenerationPrompt,
                conversation.Tools,
                cancellationToken).Text;
        }
        catch (CommandException exception)
        {
            throw new CommandException($"line {lineNumber}: {exception.Message}", exception);
        }
        catch (PromptTemplateException exception)
        {
            error = exception.Message;
        }

        using var answer = new MemoryStream();
        using (var json = new Utf8JsonWriter(answer, s_json))
        {
            json.WriteStartObject();
            json.WriteString("rendered"u8, rendered);
            json.WriteString("error"u8, error);
            json.WriteEndObject();
        }

        answer.WriteByte((byte)'\n');
        return answer.ToArray();
    }
}
