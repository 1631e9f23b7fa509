using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Llama2.Cli.Input;
using Llama2.Cli.Output;
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

    // The server reads no larger file. The limit also keeps a line from being added to a model by mistake.
    private const int MaxFileByteSize = 1 << 20;

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
            Append(path, key.Entry);
        host.Output.WriteLine(key.Text);
        host.Error.WriteLine(path is null
            ? $"llama2: the key is not stored, and is shown only now; the line for the server's file of keys:\n{key.Entry}"
            : $"llama2: the key is not stored, and is shown only now; its hash was added to '{PrintableText.SingleLine(path)}' as '{key.Name}'");
        return ExitCodes.Success;
    }

    // Only the owner may read a new file: the hashes do not reveal the keys, but they show who has one.
    private static void Append(string path, string entry)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        byte[] line = Encoding.UTF8.GetBytes($"{(EndsWithLine(file) ? "" : "\n")}{entry}\n");
        if (file.Length + line.Length > MaxFileByteSize)
            throw new CommandException($"'{path}' would have more than {MaxFileByteSize:N0} bytes, the limit of a file of keys.");
        file.Seek(0, SeekOrigin.End);
        file.Write(line);
    }

    private static bool EndsWithLine(FileStream file)
    {
        if (file.Length == 0)
            return true;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() == '\n';
    }
}
