namespace Llama2.Evaluation.Data.Parquet;

/// <summary>
/// A node of the schema with its levels (Melnik et al. 2010, "Dremel"): the definition level counts the optional and repeated nodes from the root that
/// have a value, the repetition level counts the repeated ones.
/// </summary>
internal sealed class SchemaNode
{
    private const int MaxColumnCount = 1000;

    public required string Name { get; init; }

    public required NodeKind Kind { get; init; }

    public required SchemaElement Element { get; init; }

    /// <summary>The definition level at which the node has a value; for a list, at which the list is not null.</summary>
    public required int DefinitionLevel { get; init; }

    /// <summary>The repetition level of the node; for a list, the level of its items.</summary>
    public required int RepetitionLevel { get; init; }

    /// <summary>The fields of a group, or the item of a list.</summary>
    public required IReadOnlyList<SchemaNode> Children { get; init; }

    /// <summary>For a list, the definition level at which it has an item.</summary>
    public int ItemLevel { get; init; }

    /// <summary>The numbers of the node's first column and of the one after its last.</summary>
    public required Range Columns { get; init; }

    /// <summary>Builds the tree of a schema.</summary>
    /// <exception cref="FormatException">The schema is malformed, or deeper than allowed.</exception>
    public static SchemaNode Build(IReadOnlyList<SchemaElement> schema, int maxDepth)
    {
        if (schema.Count == 0 || schema[0].ChildCount == 0)
            throw new FormatException("its schema has no fields");
        int index = 0, column = 0;
        SchemaNode root = Build(schema, ref index, ref column, new Level(0, 0, maxDepth), isRoot: true);
        return index == schema.Count ? root : throw new FormatException("its schema has elements that belong to no group");
    }

    private static SchemaNode Build(IReadOnlyList<SchemaElement> schema, ref int index, ref int column, Level level, bool isRoot = false)
    {
        SchemaElement element = Take(schema, ref index, level);
        if (isRoot)
            return BuildGroup(schema, element, ref index, ref column, level);
        return element.Repetition switch
        {
            0 => BuildValue(schema, element, ref index, ref column, level),
            1 => BuildValue(schema, element, ref index, ref column, level with { Definition = level.Definition + 1 }),
            // A repeated field outside of a list is a list of its own.
            2 => BuildRepeated(schema, element, element, ref index, ref column, level, isItem: true),
            _ => throw new FormatException($"its schema has the unknown repetition {element.Repetition}"),
        };
    }

    private static SchemaNode BuildValue(IReadOnlyList<SchemaElement> schema, SchemaElement element, ref int index, ref int column, Level level)
    {
        if (element.ChildCount == 0)
            return BuildColumn(element, ref column, level);
        if (element.ChildCount == 1 && element.Annotation is Annotation.List or Annotation.Map && index < schema.Count && schema[index].Repetition == 2)
        {
            SchemaElement repeated = Take(schema, ref index, level);
            return BuildRepeated(schema, element, repeated, ref index, ref column, level, IsItem(element, repeated));
        }

        return BuildGroup(schema, element, ref index, ref column, level);
    }

    // parquet-format, LogicalTypes.md, "Backward-compatibility rules": mostly the repeated group only wraps the item, but not always.
    private static bool IsItem(SchemaElement list, SchemaElement repeated) =>
        repeated.ChildCount != 1 || list.Annotation == Annotation.Map || repeated.Name == "array" || repeated.Name == $"{list.Name}_tuple";

    private static SchemaNode BuildRepeated(
        IReadOnlyList<SchemaElement> schema, SchemaElement list, SchemaElement repeated, ref int index, ref int column, Level level, bool isItem)
    {
        var inner = new Level(level.Definition + 1, level.Repetition + 1, level.DepthLeft - 1);
        int first = column;
        SchemaNode item = isItem ? BuildValue(schema, repeated, ref index, ref column, inner) : Build(schema, ref index, ref column, inner);
        return new SchemaNode
        {
            Name = list.Name,
            Kind = NodeKind.List,
            Element = list,
            DefinitionLevel = level.Definition,
            RepetitionLevel = inner.Repetition,
            ItemLevel = inner.Definition,
            Children = [item],
            Columns = first..column,
        };
    }

    private static SchemaNode BuildGroup(IReadOnlyList<SchemaElement> schema, SchemaElement element, ref int index, ref int column, Level level)
    {
        int first = column;
        List<SchemaNode> children = [];
        for (int i = 0; i < element.ChildCount; i++)
            children.Add(Build(schema, ref index, ref column, level with { DepthLeft = level.DepthLeft - 1 }));
        return new SchemaNode
        {
            Name = element.Name,
            Kind = NodeKind.Group,
            Element = element,
            DefinitionLevel = level.Definition,
            RepetitionLevel = level.Repetition,
            Children = children,
            Columns = first..column,
        };
    }

    private static SchemaNode BuildColumn(SchemaElement element, ref int column, Level level)
    {
        if (++column > MaxColumnCount)
            throw new FormatException($"its schema has more than {MaxColumnCount} columns");
        return new SchemaNode
        {
            Name = element.Name,
            Kind = NodeKind.Column,
            Element = element,
            DefinitionLevel = level.Definition,
            RepetitionLevel = level.Repetition,
            Children = [],
            Columns = (column - 1)..column,
        };
    }

    private static SchemaElement Take(IReadOnlyList<SchemaElement> schema, ref int index, Level level)
    {
        if (level.DepthLeft < 0)
            throw new FormatException("its schema is nested deeper than allowed");
        return index < schema.Count ? schema[index++] : throw new FormatException("its schema is cut off");
    }

    private readonly record struct Level(int Definition, int Repetition, int DepthLeft);
}
