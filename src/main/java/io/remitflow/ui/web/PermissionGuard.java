package io.remitflow.ui.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Denies by default: a handler that does not say which permission it needs is closed to everyone. */
@Configuration(proxyBeanMethods = false)
class PermissionGuard implements WebMvcConfigurer {

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new Guard())
                .addPathPatterns("/app/**", "/billing/**", "/accounting/**")
                .excludePathPatterns(
                        "/billing/payments/webhooks/**",
                        "/billing/claims/webhooks/**",
                        "/billing/reconciliation/runs/daily");
    }

    private static class Guard implements HandlerInterceptor {

        @Override
        public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
            if (handler instanceof HandlerMethod method
                    && !method.hasMethodAnnotation(PreAuthorize.class)
                    && !AnnotatedElementUtils.hasAnnotation(method.getBeanType(), PreAuthorize.class)) {
                throw new AccessDeniedException("the handler names no permission");
            }
            return true;
        }
    }
}
