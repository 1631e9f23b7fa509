using System.Reflection;

namespace Llama2.Tests;

/// <summary>
/// If a public type has the same name as a type of a dependency, users who need both namespaces can name it only with an alias. Each test project
/// checks the packages that it references.
/// </summary>
public class PublicNameTests
{
    [Fact]
    public void PublicTypes_HaveNamesThatNoDependencyHas()
    {
        Assembly[] packages = [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "Llama2.*.dll")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => Directory.Exists(RepositoryFiles.Committed("src", name)))
            .Select(Assembly.Load)];
        ILookup<string, Type> taken = FindReferences(packages).SelectMany(PublicTypesOf).Distinct().ToLookup(type => type.Name);

        packages.Should().NotBeEmpty();
        taken["List`1"].Should().NotBeEmpty().And.Contain(typeof(List<>));
        taken["Tokenizer"].Should().ContainSingle(type => type.Namespace == "Microsoft.ML.Tokenizers");
        packages.SelectMany(package => package.GetExportedTypes()).Where(type => !type.IsNested)
            .SelectMany(type => taken[type.Name], (type, other) => $"{type.FullName} and {other.FullName} have one name").Should().BeEmpty();
    }

    // The direct and indirect references of packages; an application that uses these packages has all of the references.
    private static IEnumerable<Assembly> FindReferences(IReadOnlyList<Assembly> packages)
    {
        var found = new Dictionary<string, Assembly>();
        var waiting = new Queue<Assembly>(packages);
        while (waiting.TryDequeue(out Assembly? assembly))
        {
            foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(name => !found.ContainsKey(name.Name!)))
            {
                found.Add(name.Name!, Assembly.Load(name));
                waiting.Enqueue(found[name.Name!]);
            }
        }

        return found.Values.Except(packages);
    }

    private static IEnumerable<Type> PublicTypesOf(Assembly assembly) => assembly.GetExportedTypes().Concat(assembly.GetForwardedTypes());
}
