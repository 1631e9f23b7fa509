namespace Llama2.Cli.Tests;

/// <summary>A model of random float32 weights, 67 MB: converting it takes a few hundred milliseconds.</summary>
public sealed class RandomModelFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RandomModelFixture() => RandomModel.Write(Path, new ModelShape(256, 1, 4, 4, 512, 128), ModelQuantization.F32);

    public string Path => _folder.File("random.gguf");

    public void Dispose() => _folder.Dispose();
}
