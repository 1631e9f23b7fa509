using System.Diagnostics;
using System.Text;

namespace Llama2.Tests;

/// <summary>
/// Files for which a careless reader would use far too much memory: lists of values that are short in the file and large as objects, and files that
/// never end.
/// </summary>
public sealed class PeakMemoryTests : IDisposable
{
    private const int ByteSize = 16 << 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxTheory]
    [InlineData("\"x\":[", "0,", "0],")]
    [InlineData("\"x\":[", "[],", "0],")]
    [InlineData("\"x\":[", "{},", "0],")]
    [InlineData("\"messages\":[", "null,", "null],")]
    [InlineData("\"messages\":[", "{},", "{}],")]
    [InlineData("\"messages\":[", "0,", "0],")]
    [InlineData("\"adapters\":[", "null,", "null],")]
    [InlineData("\"generation\":{\"stopTokens\":[", "0,", "0]},")]
    [InlineData("\"generation\":{\"stopSequences\":[", "\"\",", "\"\"]},")]
    [InlineData("\"generation\":{", "\"\":0,", "\"\":0},")]
    [InlineData("", "\"\":0,", "")]
    public async Task Session_OfMuchThatIsSmall_TakesMemoryInProportion(string start, string repeated, string end)
    {
        using var model = LlamaModel.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), new LlamaModelOptions { ThreadCount = 1 });
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2 });
        session.History = [LlamaMessage.User("Hi"), LlamaMessage.Assistant("Hello.")];
        string ordinary = _folder.File("ordinary.json");
        await session.SaveAsync(ordinary);
        string text = await File.ReadAllTextAsync(ordinary);

        PeakMemory.ShouldBeInProportion("session", ordinary, Write("hostile.json", "{" + start, repeated, end + text.TrimStart()[1..]), ByteSize);
    }

    // The session consists almost entirely of one text, which is as long as a stored history can be.
    [LinuxFact]
    public async Task Session_OfOneLongMessage_TakesMemoryInProportion()
    {
        using var model = LlamaModel.Load(RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), new LlamaModelOptions { ThreadCount = 1 });
        IChatSession session = model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2 });
        string ordinary = _folder.File("ordinary.json"), path = _folder.File("long.json");
        await session.SaveAsync(ordinary);
        session.History = [LlamaMessage.User(new string('a', ByteSize / 4))];
        await session.SaveAsync(path);

        PeakMemory.ShouldBeInProportion("session", ordinary, path, new FileInfo(path).Length).Should().BeEmpty();
    }

    [LinuxTheory]
    [InlineData("model", "config.json")]
    [InlineData("model", "tokenizer_config.json")]
    [InlineData("model", "special_tokens_map.json")]
    [InlineData("model", "generation_config.json")]
    [InlineData("model", "added_tokens.json")]
    [InlineData("model", "chat_template.jinja")]
    public void ModelFolder_FileOfZeros_TakesMemoryInProportion(string reader, string name)
    {
        string ordinary = RepositoryFiles.Committed("tests", "data", "forms", "huggingface"), hostile = Copy(ordinary);
        byte[] content = File.ReadAllBytes(Write("zeros", "{\"x\":[", "0,", "0]}"));
        File.WriteAllBytes(Path.Combine(hostile, name), content);

        PeakMemory.ShouldBeInProportion(reader, ordinary, hostile, content.Length);
    }

    [LinuxFact]
    public void AdapterFolder_ConfigurationOfZeros_TakesMemoryInProportion()
    {
        string ordinary = RepositoryFiles.Committed("tests", "data", "adapters", "patterns"), hostile = Copy(ordinary);
        File.Copy(Write("zeros", "{\"x\":[", "0,", "0]}"), Path.Combine(hostile, "adapter_config.json"), overwrite: true);

        PeakMemory.ShouldBeInProportion("adapter", ordinary, hostile, ByteSize);
    }

    [LinuxTheory]
    [InlineData("{\"version\":1,\"x\":[", "0,", "0]}")]
    [InlineData("{\"version\":1,\"model\":\"a/b:c.gguf\",\"commit\":\"1\",\"type\":\"Gguf\",\"files\":[", "{},", "{}]}")]
    public void Store_ManifestOfMuchThatIsSmall_TakesMemoryInProportion(string start, string repeated, string end)
    {
        string store = Directory.CreateDirectory(_folder.File("store/.models")).FullName;
        File.Move(Write("manifest", start, repeated, end), Path.Combine(store, "a.json"));

        PeakMemory.ShouldBeInProportion("store", Directory.CreateDirectory(_folder.File("empty")).FullName, _folder.File("store"), ByteSize).Should().Contain("ModelStoreException");
    }

    // A device such as /dev/zero has no end, and opening a pipe without a writer blocks.
    [LinuxTheory]
    [InlineData("chat_template.jinja", "ModelFormatException")]
    [InlineData("config.json", "ModelFormatException")]
    [InlineData("tokenizer_config.json", "ModelFormatException")]
    [InlineData("tokenizer.model", "ModelFormatException")]
    [InlineData("model.safetensors", "ModelFormatException")]
    public void ModelFolder_PipesAndDevices_AreNotRead(string name, string exception)
    {
        string ordinary = RepositoryFiles.Committed("tests", "data", "forms", "huggingface");
        foreach (string? device in (string?[])["/dev/zero", "/dev/random", null])
        {
            string hostile = Copy(ordinary), path = Path.Combine(hostile, name);
            File.Delete(path);
            if (device is not null)
                File.CreateSymbolicLink(path, device);
            else
                Process.Start("mkfifo", path).WaitForExit();

            PeakMemory.ShouldBeInProportion("model", ordinary, hostile, 0).Should().StartWith(exception);
            Directory.Delete(hostile, recursive: true);
        }
    }

    [LinuxTheory]
    [InlineData("tokenizer")]
    [InlineData("model")]
    [InlineData("information")]
    [InlineData("adapter")]
    [InlineData("importance matrix")]
    public void File_PipesAndDevices_AreNotRead(string reader)
    {
        string pipe = _folder.File("pipe");
        Process.Start("mkfifo", pipe).WaitForExit();
        foreach (string path in (string[])["/dev/zero", pipe])
            PeakMemory.ShouldBeInProportion(reader, RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf"), path, 0).Should().Contain("pipe or a device");
    }

    private string Write(string name, string start, string repeated, string end)
    {
        string path = _folder.File(name);
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 20);
        file.Write(start);
        string chunk = string.Concat(Enumerable.Repeat(repeated, 1024));
        for (int written = 0; written + chunk.Length + end.Length + start.Length < ByteSize; written += chunk.Length)
            file.Write(chunk);
        file.Write(end);
        return path;
    }

    private string Copy(string folder)
    {
        string copy = Directory.CreateDirectory(_folder.File(Guid.NewGuid().ToString("N"))).FullName;
        foreach (string file in Directory.GetFiles(folder))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
