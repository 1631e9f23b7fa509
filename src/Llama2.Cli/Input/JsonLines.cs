using System.Runtime.CompilerServices;
using Llama2.Cli.Terminal;
using static System.FormattableString;

namespace Llama2.Cli.Input;

/// <summary>A file with a JSON value in each line.</summary>
internal static class JsonLines
{
    private const int MaxLineByteSize = 64 << 20;

    /// <summary>Reads the values one after the other.</summary>
    /// <param name="path">The file.</param>
    /// <param name="parse">
    /// Parses a line. The memory of the line is valid only during the call. If the parser throws a <see cref="CommandException"/>, the line's number
    /// is added to the message.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CommandException">The file does not exist, or a line cannot be parsed.</exception>
    public static async IAsyncEnumerable<T> ReadAsync<T>(string path, Func<ReadOnlyMemory<byte>, T> parse, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using FileStream file = File.OpenRead(InputPath.Require(path));
        var lines = new LineReader(file, MaxLineByteSize);
        while (await lines.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
            yield return Parse(line, parse, lines.LineNumber);
    }

    private static T Parse<T>(ReadOnlyMemory<byte> line, Func<ReadOnlyMemory<byte>, T> parse, long number)
    {
        try
        {
            return parse(line);
        }
        catch (CommandException exception)
        {
            throw new CommandException(Invariant($"line {number}: {exception.Message}"), exception);
        }
    }
}
