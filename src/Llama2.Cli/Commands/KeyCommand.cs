using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
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
        try
        {
            using var file = new FileStream(path, options);
            // The path may be that of a model by mistake, which the line would damage.
            string text = KeyFile.Read(file, path);
            byte[] line = Encoding.UTF8.GetBytes($"{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}{entry}\n");
            if (file.Length + line.Length > KeyFile.MaxByteSize)
                throw new CommandException($"'{path}' would have more than {KeyFile.MaxByteSize:N0} bytes, the limit of a file of keys.");
            file.Seek(0, SeekOrigin.End);
            file.Write(line);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new CommandException($"The folder '{Path.GetDirectoryName(Path.GetFullPath(path))}' does not exist.", exception);
        }
    }
}
