using System.Text.Json;

namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// Writes rows from the columns of a row group (Melnik et al. 2010, "Dremel", section 4.3). All columns of a list advance together; the first of them
/// states how many items there are.
/// </summary>
/// <param name="root">The schema.</param>
/// <param name="columns">The columns, in the order of the schema.</param>
/// <param name="limits">The limits.</param>
internal sealed class RowAssembler(SchemaNode root, IReadOnlyList<Column> columns, ParquetLimits limits)
{
    /// <summary>Whether all values of all columns have been written.</summary>
    public bool IsAtEnd => columns.All(column => column.IsAtEnd);

    /// <summary>Writes the fields of the next row.</summary>
    /// <exception cref="FormatException">The columns do not fit together, or the row is larger than allowed.</exception>
    public void WriteFields(Utf8JsonWriter json)
    {
        if (columns.Any(column => column.RepetitionLevel != 0))
            throw new FormatException("the lists of its columns do not end at the same row");
        foreach (SchemaNode field in root.Children)
        {
            json.WritePropertyName(field.Name);
            Write(field, json);
        }
    }

    private void Write(SchemaNode node, Utf8JsonWriter json)
    {
        if (json.BytesCommitted + json.BytesPending > limits.MaxRowByteSize)
            throw new FormatException($"the row has more than {limits.MaxRowByteSize} bytes as JSON; {limits.Remedy(nameof(limits.MaxRowByteSize))}");
        Column first = columns[node.Columns.Start.Value];
        if (node.Kind == NodeKind.Column)
        {
            if (first.Take() is >= 0 and var index)
                first.Values.Write(json, index);
            else
                json.WriteNullValue();
        }
        else if (first.DefinitionLevel < node.DefinitionLevel)
        {
            json.WriteNullValue();
            Skip(node);
        }
        else if (node.Kind == NodeKind.Group)
        {
            json.WriteStartObject();
            foreach (SchemaNode child in node.Children)
            {
                json.WritePropertyName(child.Name);
                Write(child, json);
            }

            json.WriteEndObject();
        }
        else
        {
            WriteList(node, first, json);
        }
    }

    private void WriteList(SchemaNode node, Column first, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        if (first.DefinitionLevel < node.ItemLevel)
        {
            Skip(node);
        }
        else
        {
            do
                Write(node.Children[0], json);
            while (first.RepetitionLevel == node.RepetitionLevel);
        }

        json.WriteEndArray();
    }

    // A node without a value has one entry in each of its columns.
    private void Skip(SchemaNode node)
    {
        for (int column = node.Columns.Start.Value; column < node.Columns.End.Value; column++)
        {
            if (columns[column].Take() >= 0)
                throw new FormatException("its columns do not agree on which values are missing");
        }
    }
}
