using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Llama2.Tokenization;

namespace Llama2.Tests.Tokenization;

/// <summary>
/// Builds a map of rules in SentencePiece's form. Each node of the trie has a block of 256 units of its own, so that no two nodes overlap.
/// </summary>
internal static class CharacterMapBuilder
{
    private const uint Leaf = 0x8000_0000, HasLeaf = 0x100;

    /// <summary>
    /// The rules of nmt_nfkc that matter for tags: full-width forms become ASCII characters, white space and zero-width characters become a space,
    /// some control characters are removed, and an ellipsis becomes three characters.
    /// </summary>
    public static CharacterMap CreateNmtNfkc()
    {
        Dictionary<string, string> rules = new() { ["\u2026"] = "...", ["e\u0301"] = "\u00e9" };
        for (int i = 0xFF01; i <= 0xFF5E; i++)
            rules.Add($"{(char)i}", $"{(char)(i - 0xFEE0)}");
        foreach (char space in "\t\n\f\r\u00a0\u200b\u200c\u200d\u2028\u2581\u3000\ufeff")
            rules.Add(space.ToString(CultureInfo.InvariantCulture), " ");
        foreach (char dropped in "\u0001\u0002\u000b\u007f\u008f")
            rules.Add(dropped.ToString(CultureInfo.InvariantCulture), "");
        return Create(rules);
    }

    public static CharacterMap Create(IReadOnlyDictionary<string, string> rules)
    {
        var nodes = new List<SortedDictionary<byte, int>> { new() };
        var replacements = new MemoryStream();
        var values = new Dictionary<int, uint>();
        foreach ((string from, string to) in rules)
        {
            int node = 0;
            foreach (byte label in Encoding.UTF8.GetBytes(from))
            {
                if (!nodes[node].TryGetValue(label, out int child))
                {
                    nodes[node].Add(label, child = nodes.Count);
                    nodes.Add([]);
                }

                node = child;
            }

            values.Add(node, (uint)replacements.Length);
            replacements.Write([.. Encoding.UTF8.GetBytes(to), 0]);
        }

        // The unit of a node is in the block of the node's parent, at the index of the node's label; the unit's offset leads from there to the node's
        // own block.
        uint[] units = new uint[256 * (nodes.Count + 1)];
        units[0] = Base(0) << 10;
        for (int node = 0; node < nodes.Count; node++)
        {
            foreach ((byte label, int child) in nodes[node])
                units[Base(node) ^ label] = label | ((Base(node) ^ label ^ Base(child)) << 10) | (values.ContainsKey(child) ? HasLeaf : 0);
            if (values.TryGetValue(node, out uint value))
                units[Base(node)] = Leaf | value;
        }

        byte[] bytes = new byte[sizeof(uint) * (units.Length + 1)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, sizeof(uint) * units.Length);
        for (int i = 0; i < units.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(uint) * (i + 1)), units[i]);
        return CharacterMap.Create([.. bytes, .. replacements.ToArray()], "test")!;

        static uint Base(int node) => 256 * ((uint)node + 1);
    }
}
