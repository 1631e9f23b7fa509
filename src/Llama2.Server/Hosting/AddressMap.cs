using Llama2.Server.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Llama2.Server.Hosting;

/// <summary>
/// Adds endpoints, and remembers the methods and the metadata of each address: a request with another method is answered with 405 and a list of these methods, in
/// the address's own form of errors, and without an API key where the address needs none.
/// </summary>
/// <param name="endpoints">The application, or a group of routes.</param>
/// <param name="services">What all endpoints need.</param>
internal sealed class AddressMap(IEndpointRouteBuilder endpoints, EndpointServices services)
{
    private readonly Dictionary<string, (List<string> Methods, HashSet<object> Metadata)> _addresses = [];

    /// <summary>Adds an endpoint for GET. Like every resource that HTTP can read, it also answers HEAD.</summary>
    public void Get(string path, RequestDelegate handle, params object[] metadata) => Add(path, handle, [HttpMethods.Get, HttpMethods.Head], metadata);

    /// <summary>Adds an endpoint for POST.</summary>
    public void Post(string path, RequestDelegate handle, params object[] metadata) => Add(path, handle, [HttpMethods.Post], metadata);

    /// <summary>Adds an endpoint for some methods.</summary>
    /// <param name="path">The address.</param>
    /// <param name="handle">Answers a request.</param>
    /// <param name="methods">The methods.</param>
    /// <param name="metadata">The endpoint's metadata, such as its form of errors.</param>
    public void Add(string path, RequestDelegate handle, string[] methods, params object[] metadata)
    {
        endpoints.MapMethods(path, methods, handle).WithMetadata(metadata);
        if (!_addresses.TryGetValue(path, out (List<string> Methods, HashSet<object> Metadata) address))
            _addresses.Add(path, address = ([], []));
        address.Methods.AddRange(methods);
        address.Metadata.UnionWith(metadata);
    }

    /// <summary>Adds the answers to all other methods. Called after the endpoints have been added.</summary>
    public void RefuseOtherMethods()
    {
        foreach ((string path, (List<string> methods, HashSet<object> metadata)) in _addresses)
        {
            string allowed = string.Join(", ", [.. methods, HttpMethods.Options]);
            endpoints.Map(path, services.Handle("model", (context, _) => OtherAddresses.RefuseMethodAsync(context, allowed))).WithMetadata([.. metadata]);
        }
    }
}
