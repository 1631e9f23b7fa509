using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Llama2.Server.Tests.Hosting;

public class LlamaServerServiceCollectionExtensionsTests
{
    [Fact]
    public void AddLlamaApiKeys_Services_HaveNoSecretsOfTheirOwn()
    {
        var services = new ServiceCollection();

        services.AddLlamaApiKeys(new LlamaApiKeyOptions { Entries = [LlamaApiKey.Create("alice").Entry] });

        services.Should().NotContain(service => service.ServiceType == typeof(IDataProtectionProvider) || service.ServiceType == typeof(IHostedService));
    }

    [Fact]
    public async Task AddLlamaApiKeys_WithoutFurtherServices_AddsTheScheme()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddLlamaApiKeys(new LlamaApiKeyOptions { Entries = [LlamaApiKey.Create("alice").Entry] });
        await using ServiceProvider provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        AuthenticationScheme? scheme = await provider.GetRequiredService<IAuthenticationSchemeProvider>().GetDefaultAuthenticateSchemeAsync();

        scheme!.Name.Should().Be(LlamaApiKeyDefaults.AuthenticationScheme);
        provider.GetRequiredService(scheme.HandlerType).Should().BeAssignableTo<IAuthenticationHandler>();
    }
}
