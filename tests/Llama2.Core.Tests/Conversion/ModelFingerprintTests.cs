using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Formats.Gguf;
using Llama2.Tokenization;

namespace Llama2.Tests.Conversion;

public sealed class ModelFingerprintTests : IDisposable
{
    private static readonly string s_demonstration = RepositoryFiles.Committed("samples", "models", "storyteller-1m-Q8_0.gguf");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The same weights with four heads of half the length are another model.
    [Fact]
    public void Fingerprint_OtherHeadCounts_IsAnother()
    {
        byte[] two = TinyModel.Build(), four = TinyModel.Build();
        File.WriteAllBytes(_folder.File("two.gguf"), two);
        using (var file = GgufFile.Open(_folder.File("two.gguf")))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(four.AsSpan((int)file.MetadataOffset("llama.attention.head_count")!), 4);
            BinaryPrimitives.WriteUInt32LittleEndian(four.AsSpan((int)file.MetadataOffset("llama.attention.head_count_kv")!), 2);
        }

        File.WriteAllBytes(_folder.File("four.gguf"), four);
        using LlamaModel one = Load("two.gguf"), other = Load("four.gguf");

        other.Configuration.HeadCount.Should().Be(4);
        other.Fingerprint.Should().HaveLength(64).And.NotBe(one.Fingerprint);
    }

    // Changes every stored member; the computed members derive from these.
    [Fact]
    public void Describe_AnyMemberOfTheScaling_ChangesIt()
    {
        ModelConfiguration configuration = Configuration with { RopeScaling = RopeScaling.Yarn(4) };
        FieldInfo[] members = [.. typeof(RopeScaling).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)];
        members.Should().HaveCountGreaterThanOrEqualTo(8);

        foreach (FieldInfo member in members)
        {
            RopeScaling scaling = configuration.RopeScaling with { };
            member.SetValue(scaling, Other(member.GetValue(scaling), member.FieldType));
            ModelFingerprint.Describe(configuration with { RopeScaling = scaling }).Should().NotBe(ModelFingerprint.Describe(configuration), member.Name);
        }
    }

    [Fact]
    public void Describe_AnyMemberThatChangesResultsAndNoTensorsShape_ChangesIt()
    {
        // Architecture and name do not change results; the other members are dimensions of tensors or of the vocabulary.
        string[] others = [nameof(ModelConfiguration.Architecture), nameof(ModelConfiguration.Name), nameof(ModelConfiguration.LayerCount), nameof(ModelConfiguration.FeedForwardLength), nameof(ModelConfiguration.VocabularySize)];
        ModelConfiguration configuration = Configuration with { RopeScaling = RopeScaling.DynamicNtk(4) };
        PropertyInfo[] members = [.. typeof(ModelConfiguration).GetProperties().Where(member => member.CanWrite && !others.Contains(member.Name))];
        members.Should().HaveCountGreaterThanOrEqualTo(7);

        foreach (PropertyInfo member in members)
        {
            ModelConfiguration changed = configuration with { };
            member.SetValue(changed, Other(member.GetValue(changed), member.PropertyType));
            ModelFingerprint.Describe(changed).Should().NotBe(ModelFingerprint.Describe(configuration), member.Name);
        }
    }

    // A model without RoPE scaling has the same fingerprint as in the version that hashed only the type and the factor of the scaling.
    [Fact]
    public void Describe_ModelWithoutScaling_IsThatOfEarlierVersions() =>
        ModelFingerprint.Describe(Configuration).Should().Be("4 2 8 1E-05 10000 None 1").And.Be(ModelFingerprint.Describe(Configuration with { ContextLength = 2048 }));

    // A fine-tune may change any part of a tensor and leave the rest unchanged.
    [Theory]
    [InlineData("token_embd.weight", 1.0)]
    [InlineData("blk.0.ffn_down.weight", 0.3334)]
    [InlineData("blk.0.ffn_down.weight", 0.6668)]
    [InlineData("blk.0.ffn_down.weight", 1.0)]
    public void Fingerprint_OtherBytesFarFromATensorsStart_IsAnother(string name, double place)
    {
        byte[] bytes = File.ReadAllBytes(s_demonstration);
        using (var file = GgufFile.Open(s_demonstration))
        {
            TensorDescription tensor = file.Tensors.Single(tensor => tensor.Name == name);
            tensor.ByteSize.Should().BeGreaterThan(4 * 4096);
            byte[] whole = new byte[tensor.ByteSize];
            file.Read(tensor, 0, whole);
            int start = bytes.AsSpan().IndexOf(whole);
            // Changes the lowest bit of a code, so that the file remains a valid model.
            bytes[start + (int)((whole.Length - 1) * place)] ^= 1;
        }

        File.WriteAllBytes(_folder.File("changed.gguf"), bytes);
        using var original = LlamaModel.Load(s_demonstration, new LlamaModelOptions { ThreadCount = 1 });
        using LlamaModel changed = Load("changed.gguf");

        changed.Fingerprint.Should().NotBe(original.Fingerprint);
    }

    [Fact]
    public void Fingerprint_ExtendedContext_IsTheModelsOwn()
    {
        using var original = LlamaModel.Load(s_demonstration, new LlamaModelOptions { ThreadCount = 1 });
        using var extended = LlamaModel.Load(s_demonstration, new LlamaModelOptions { ThreadCount = 1, RopeScaling = RopeScaling.Linear(2) });

        extended.Fingerprint.Should().Be(original.Fingerprint);
    }

    [Fact]
    public async Task RestoreChatSessionAsync_FingerprintOfAnEarlierVersion_IsRecognized()
    {
        using var model = LlamaModel.Load(s_demonstration, new LlamaModelOptions { ThreadCount = 1 });
        using var saved = new MemoryStream();
        await model.CreateChatSession(new ChatSessionOptions { PromptFormat = PromptFormat.Llama2 }).SaveAsync(saved);
        string text = Encoding.UTF8.GetString(saved.ToArray()), earlier = text.Replace(model.Fingerprint, EarlierFingerprint(), StringComparison.Ordinal);
        earlier.Should().NotBe(text);

        (await Restore(model, earlier)).History.Should().BeEmpty();
        await FluentActions.Awaiting(() => Restore(model, text.Replace(model.Fingerprint, new string('0', 64), StringComparison.Ordinal))).Should().ThrowAsync<ChatSessionException>().WithMessage("*another model*");
    }

    // The fingerprint as earlier versions computed it: a hash of the pieces, then of the name, type, shape and first 4 KiB of each tensor.
    private static string EarlierFingerprint()
    {
        using var file = GgufFile.Open(s_demonstration);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string piece in GgufVocabularyReader.Read(file).Pieces)
            hash.AppendData(Encoding.UTF8.GetBytes(piece + "\0"));
        foreach (TensorDescription tensor in file.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            byte[] first = new byte[Math.Min(4096, tensor.ByteSize)];
            file.Read(tensor, 0, first);
            hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name} {tensor.Type} {tensor.RowLength} {tensor.RowCount}\0"));
            hash.AppendData(first);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static ModelConfiguration Configuration => new()
    {
        Architecture = "llama",
        Name = "",
        ContextLength = 4096,
        EmbeddingLength = 32,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        FeedForwardLength = 64,
        VocabularySize = 100,
        RmsNormEpsilon = 1e-5f,
    };

    private static object Other(object? value, Type type) => value switch
    {
        float number => number / 2,
        int number => number * 2,
        bool flag => !flag,
        null when type == typeof(int?) => 4096,
        RopeScalingType => RopeScalingType.Linear,
        RopeScaling => RopeScaling.Yarn(2),
        _ => throw new InvalidOperationException($"This test knows no other value of {type}."),
    };

    private static Task<IChatSession> Restore(LlamaModel model, string text) => model.RestoreChatSessionAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private LlamaModel Load(string name) => LlamaModel.Load(_folder.File(name), new LlamaModelOptions { ThreadCount = 1 });
}
