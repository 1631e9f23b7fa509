using Llama2.Cli;
using Llama2.Cli.Terminal;

namespace Llama2.Tests;

/// <summary>The commands that describe untrusted files, for <see cref="PeakMemory"/>.</summary>
internal static class FileReaders
{
    public static IReadOnlyDictionary<string, Action<string>> All { get; } = new Dictionary<string, Action<string>>
    {
        ["inspect"] = path => Run("inspect", path),
        ["inspect --tensors"] = path => Run("inspect", path, "--tensors"),
        ["inspect --json"] = path => Run("inspect", path, "--json"),
    };

    private static void Run(params string[] arguments)
    {
        using var error = new StringWriter();
        using var output = new StreamWriter(Stream.Null);
        var host = new ConsoleHost { Input = Stream.Null, OutputStream = Stream.Null, Output = output, Error = error };
        if (CommandLine.RunAsync(arguments, host, CancellationToken.None).GetAwaiter().GetResult() != ExitCodes.Success)
            throw new LlamaException(error.ToString());
    }
}
