namespace Llama2.Samples.Tests;

/// <summary>Finds the address of a server in its log, which has the line "Now listening on: http://127.0.0.1:40123".</summary>
internal static class ListeningAddress
{
    private const string Mark = "Now listening on: ";

    public static async Task<string> ReadAsync(StreamReader log)
    {
        string all = "";
        while (await log.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Mark, StringComparison.Ordinal) is var start and >= 0)
                return line[(start + Mark.Length)..].Trim();
            all += $"{line}\n";
        }

        throw new InvalidOperationException($"The program ended before it listened:\n{all}");
    }
}
