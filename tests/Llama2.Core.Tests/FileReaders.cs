using Llama2.Conversion;
using Llama2.Formats;

namespace Llama2.Tests;

/// <summary>The readers of untrusted files by name, for <see cref="PeakMemory"/>.</summary>
internal static class FileReaders
{
    public static IReadOnlyDictionary<string, Action<string>> All { get; } = new Dictionary<string, Action<string>>
    {
        ["tokenizer"] = path => ModelTokenizer.Load(path),
        ["model"] = path =>
        {
            using IModelFile file = ModelFiles.Open(path);
        },
        ["information"] = path => ModelFileInformation.Read(path),
        ["adapter"] = path => AdapterInformation.Read(path),
        ["importance matrix"] = path => ImportanceMatrix.Load(path),
        ["session"] = ReadSession,
        ["store"] = path =>
        {
            using var store = new LlamaModelStore(new LlamaModelStoreOptions { Folder = path });
            store.List();
        },
    };

    // The model is loaded once for all files, so its memory is not measured.
    private static LlamaModel Model => field ??= LlamaModel.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), new LlamaModelOptions { ThreadCount = 1 });

    private static void ReadSession(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Model.RestoreChatSessionAsync(stream).GetAwaiter().GetResult();
    }
}
