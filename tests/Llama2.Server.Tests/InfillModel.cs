using System.Buffers.Binary;
using System.Text;
using Llama2.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace Llama2.Server.Tests;

/// <summary>
/// A server with the demonstration model, four of whose pieces are renamed to Code Llama's tokens for filling a gap. What it writes into gaps makes no sense, but it is
/// computed as Code Llama's texts are.
/// </summary>
public sealed class InfillModel : IAsyncLifetime
{
    /// <summary>The model's file.</summary>
    public string FilePath { get; } = Path.Combine(Path.GetTempPath(), $"infill-{Guid.NewGuid():N}.gguf");

    public LlamaModel Model { get; private set; } = null!;

    internal LocalServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        byte[] file = await File.ReadAllBytesAsync(DemonstrationModel.Path);
        var tokenizer = ModelTokenizer.Load(DemonstrationModel.Path);
        string[] names = ["\u2581<PRE>", "\u2581<SUF>", "\u2581<MID>", "\u2581<EOT>"];
        string[] pieces = [.. Enumerable.Range(300, tokenizer.VocabularySize - 300).Select(tokenizer.GetTokenText).Where(piece => Encoding.UTF8.GetByteCount(piece) == Encoding.UTF8.GetByteCount(names[0])).TakeLast(4)];
        for (int i = 0; i < names.Length; i++)
            Rename(file, pieces[i], names[i]);
        await File.WriteAllBytesAsync(FilePath, file);
        Model = LlamaModel.Load(FilePath);
        Server = await LocalServer.StartAsync(services => services.AddLlama("infill", FilePath));
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Model.Dispose();
        File.Delete(FilePath);
    }

    // In GGUF, a text is its length in 8 bytes and then its bytes.
    private static void Rename(byte[] file, string piece, string name)
    {
        byte[] text = Encoding.UTF8.GetBytes(piece), pattern = new byte[8 + text.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(pattern, (ulong)text.Length);
        text.CopyTo(pattern, 8);
        int place = file.AsSpan().IndexOf(pattern);
        place.Should().BePositive();
        Encoding.UTF8.GetBytes(name).CopyTo(file, place + 8);
    }
}
