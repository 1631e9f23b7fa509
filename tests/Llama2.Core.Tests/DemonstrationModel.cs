namespace Llama2.Tests;

/// <summary>The small trained model of the samples, loaded once for all tests that only generate with it.</summary>
public sealed class DemonstrationModel : IDisposable
{
    public static string Path { get; } = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");

    public LlamaModel Model { get; } = LlamaModel.Load(Path);

    public void Dispose() => Model.Dispose();
}
