namespace Llama2.Evaluation.Sandboxes;

/// <summary>The scripts that run in the sandboxes. They are embedded in the assembly.</summary>
internal static class PythonScripts
{
    /// <summary>Runs a program.</summary>
    public static string Worker { get; } = Read("channel.py") + Read("worker.py");

    /// <summary>Runs a program's checks.</summary>
    public static string Checker { get; } = Read("channel.py") + Read("checker.py");

    private static string Read(string name)
    {
        using Stream stream = typeof(PythonScripts).Assembly.GetManifestResourceStream($"Llama2.Evaluation.Sandboxes.Python.{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
