using System.CommandLine;
using System.CommandLine.Parsing;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
using Llama2.Cli.Serving;
using Llama2.Cli.Terminal;
using Llama2.Server;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 key</c>: creates an API key for a client of a server, and the line for the server's file of keys.</summary>
internal sealed class KeyCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 key alice --keys keys.txt
          llama2 serve model.gguf --keys keys.txt
        """;

    private readonly Argument<string> _name = InputPath.Argument("NAME", "The client's name, which the server's log contains: 1 to 64 letters and digits of ASCII, '.', '_', '@' and '-'.");

    private readonly Option<string?> _keys = new("--keys")
    {
        Description = "The server's file of keys, to which the line with the name and the key's SHA-256 is added; it is created if it does not exist. Without it, the line is written to standard error.",
        HelpName = "FILE",
    };

    public Command Create()
    {
        var command = new Command("key", "Creates an API key for a client of 'serve', and writes it to standard output. The key is not stored.") { _name, _keys };
        _name.Validators.Add(CheckName);
        command.SetAction(Run);
        return command;
    }

    private static void CheckName(ArgumentResult result)
    {
        if (result.Tokens is not [{ Value: var name }] || name.StartsWith('-'))
            return;
        try
        {
            _ = LlamaApiKey.Create(name);
        }
        catch (LlamaApiKeyException exception)
        {
            result.AddError(exception.Message);
        }
    }

    private int Run(ParseResult result)
    {
        LlamaApiKey key = LlamaApiKey.Create(result.GetRequiredValue(_name));
        string? path = result.GetValue(_keys);
        if (path is not null)
            KeyFile.Append(path, key.Entry);
        host.Output.WriteLine(key.Text);
        host.Error.WriteLine(path is null
            ? $"llama2: the key is not stored, and is shown only now; the line for the server's file of keys:\n{key.Entry}"
            : $"llama2: the key is not stored, and is shown only now; its hash was added to '{PrintableText.SingleLine(path)}' as '{key.Name}'");
        return ExitCodes.Success;
    }
}
