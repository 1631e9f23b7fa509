namespace Llama2.Evaluation.Data.Parquet;

/// <summary>An element of the schema as it is in the footer: a column, or a group of the elements that follow it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The physical type of a column; null for a group.</param>
/// <param name="Repetition">0 required, 1 optional, 2 repeated.</param>
/// <param name="ChildCount">The number of elements of a group.</param>
/// <param name="Annotation">What the values mean.</param>
internal sealed record SchemaElement(string Name, PhysicalType? Type, int Repetition, int ChildCount, Annotation Annotation)
{
    // parquet.thrift: SchemaElement.converted_type, and the members of LogicalType.
    private static readonly Annotation[] s_converted =
    [
        Annotation.Text, Annotation.Map, Annotation.Map, Annotation.List, Annotation.Text, Annotation.Other, Annotation.Other, Annotation.Other, Annotation.Other, Annotation.Other,
        Annotation.Other, Annotation.Unsigned, Annotation.Unsigned, Annotation.Unsigned, Annotation.Unsigned, Annotation.None, Annotation.None, Annotation.None, Annotation.None, Annotation.Text,
    ];

    public static SchemaElement Read(ref CompactReader reader)
    {
        string name = "";
        PhysicalType? type = null;
        int repetition = 0, childCount = 0, id = 0;
        Annotation? converted = null, logical = null;
        while (reader.TryReadField(ref id, out CompactType fieldType))
        {
            switch (id)
            {
                case 1 when fieldType == CompactType.Int32:
                    type = (PhysicalType)reader.ReadCount();
                    break;
                case 3 when fieldType == CompactType.Int32:
                    repetition = reader.ReadCount();
                    break;
                case 4 when fieldType == CompactType.Binary:
                    name = System.Text.Encoding.UTF8.GetString(reader.ReadBinary());
                    break;
                case 5 when fieldType == CompactType.Int32:
                    childCount = reader.ReadCount();
                    break;
                case 6 when fieldType == CompactType.Int32:
                    int number = reader.ReadCount();
                    converted = number < s_converted.Length ? s_converted[number] : Annotation.Other;
                    break;
                case 10 when fieldType == CompactType.Structure:
                    logical = ReadLogicalType(ref reader);
                    break;
                default:
                    reader.Skip(fieldType);
                    break;
            }
        }

        return new SchemaElement(name, childCount > 0 ? null : type, repetition, childCount, logical ?? converted ?? Annotation.None);
    }

    private static Annotation? ReadLogicalType(ref CompactReader reader)
    {
        Annotation? annotation = null;
        int id = 0;
        while (reader.TryReadField(ref id, out CompactType fieldType))
        {
            // For an INTEGER, the converted type states whether it is signed.
            annotation = id switch
            {
                1 or 4 or 12 => Annotation.Text,
                2 => Annotation.Map,
                3 => Annotation.List,
                10 or 11 => null,
                _ => Annotation.Other,
            };
            reader.Skip(fieldType);
        }

        return annotation;
    }
}
