using System.Runtime.InteropServices;
using System.Text.Json;
using Llama2.Formats.SafeTensors;

namespace Llama2.Tests.Adapters;

/// <summary>The tensors of a safetensors file, which a test can change and write again.</summary>
internal sealed class SafeTensorsContent
{
    private readonly List<(string Name, string DataType, long[] Shape, byte[] Data)> _tensors = [];

    public IReadOnlyList<(string Name, string DataType, long[] Shape, byte[] Data)> Tensors => _tensors;

    public static SafeTensorsContent Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int headerLength = (int)BitConverter.ToUInt64(bytes);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        var content = new SafeTensorsContent();
        foreach (JsonProperty tensor in header.RootElement.EnumerateObject().Where(member => member.Name != "__metadata__"))
        {
            int[] offsets = tensor.Value.GetProperty("data_offsets").Deserialize<int[]>()!;
            content.Add(tensor.Name, tensor.Value.GetProperty("dtype").GetString()!, tensor.Value.GetProperty("shape").Deserialize<long[]>()!, bytes[(8 + headerLength + offsets[0])..(8 + headerLength + offsets[1])]);
        }

        return content;
    }

    public SafeTensorsContent Add(string name, string dataType, long[] shape, byte[] data)
    {
        _tensors.Add((name, dataType, shape, data));
        return this;
    }

    /// <summary>Adds a tensor of another file, optionally converted to another type.</summary>
    public SafeTensorsContent AddFrom(SafeTensorsContent other, string sourceName, string name, string dataType = "F32")
    {
        (_, _, long[] shape, byte[] data) = other._tensors.Single(tensor => tensor.Name == sourceName);
        float[] numbers = MemoryMarshal.Cast<byte, float>(data).ToArray();
        return Add(name, dataType, shape, dataType switch
        {
            "F32" => [.. data],
            "F16" => MemoryMarshal.AsBytes(Array.ConvertAll(numbers, number => (Half)number).AsSpan()).ToArray(),
            _ => MemoryMarshal.AsBytes(Array.ConvertAll(numbers, number => BitConverter.SingleToUInt32Bits(number)).Select(bits => (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)).ToArray().AsSpan()).ToArray(),
        });
    }

    public byte[] DataOf(string name) => _tensors.Single(tensor => tensor.Name == name).Data;

    public SafeTensorsContent Rename(Func<string, string> rename)
    {
        for (int i = 0; i < _tensors.Count; i++)
            _tensors[i] = _tensors[i] with { Name = rename(_tensors[i].Name) };
        return this;
    }

    public void Write(string path)
    {
        using FileStream file = File.Create(path);
        SafeTensorsWriter.WriteHeader(file, _tensors.Select(tensor => new SafeTensorsEntry(tensor.Name, tensor.DataType, tensor.Shape, -1, tensor.Data.Length, -1)));
        foreach ((_, _, _, byte[] data) in _tensors)
            file.Write(data);
    }
}
