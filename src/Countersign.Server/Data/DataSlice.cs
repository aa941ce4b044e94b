using Countersign.Server.Data.Protection;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data;

/// <summary>Storage: contexts, the one door for writes, keys.</summary>
internal static class DataSlice
{
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DataOptions>, DataOptionsValidator>();
        services.AddSingleton<Contexts>();
        services.AddSingleton<Database>();
        services.AddScoped(s => s.GetRequiredService<Contexts>().Read());
        services.AddSingleton<WriterMeasures>();
        services.AddSingleton<AfterEffects>();
        services.AddSingleton<IWriter>(s => s.GetRequiredService<IOptions<DataOptions>>().Value.OnPostgres
            ? ActivatorUtilities.CreateInstance<PostgresWriter>(s)
            : ActivatorUtilities.CreateInstance<SqliteWriter>(s));

        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddSingleton<Retention>();
        services.AddHostedService(s => s.GetRequiredService<Retention>());

        services.AddSingleton<ISecrets, SystemSecrets>();
        services.AddSingleton<MasterKeys>();
        services.AddSingleton<RowProtection>();
        services.AddDataProtection().SetApplicationName("countersign")
            .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(s => new ConfigureOptions<KeyManagementOptions>(o =>
        {
            o.XmlRepository = new KeyRing(s.GetRequiredService<Contexts>());
            o.XmlEncryptor = new KeyRingWrap(s.GetRequiredService<MasterKeys>());
        }));
        return services;
    }
}
