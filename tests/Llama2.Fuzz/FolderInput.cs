using Llama2.Tests;

namespace Llama2.Fuzz;

/// <summary>
/// Converts inputs to folders of files: the first byte chooses a file of a well-formed folder, and the other bytes replace its content.
/// </summary>
internal static class FolderInput
{
    public static FuzzTarget Create(string source, Action<string> read)
    {
        var folder = new TemporaryFolder();
        string[] files = [.. Directory.GetFiles(source).Order(StringComparer.Ordinal)];
        byte[][] contents = [.. files.Select(File.ReadAllBytes)];
        string[] targets = [.. files.Select(file => folder.File(Path.GetFileName(file)))];
        for (int i = 0; i < files.Length; i++)
            File.WriteAllBytes(targets[i], contents[i]);

        return new FuzzTarget([.. contents.Select((content, i) => (byte[])[(byte)i, .. content])], input =>
        {
            if (input.Length == 0)
                return;

            int chosen = input[0] % files.Length;
            File.WriteAllBytes(targets[chosen], input.AsSpan(1));
            try
            {
                read(folder.Path);
            }
            finally
            {
                File.WriteAllBytes(targets[chosen], contents[chosen]);
            }
        })
        { Words = FuzzTargets.JsonWords };
    }
}
